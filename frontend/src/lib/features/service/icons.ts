/** The pictures of the catalogue's closed set of icons. */
import Banknote from '@lucide/svelte/icons/banknote';
import CreditCard from '@lucide/svelte/icons/credit-card';
import ArrowLeftRight from '@lucide/svelte/icons/arrow-left-right';
import House from '@lucide/svelte/icons/house';
import KeyRound from '@lucide/svelte/icons/key-round';
import Landmark from '@lucide/svelte/icons/landmark';
import LayoutGrid from '@lucide/svelte/icons/layout-grid';
import Phone from '@lucide/svelte/icons/phone';
import ReceiptText from '@lucide/svelte/icons/receipt-text';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import Truck from '@lucide/svelte/icons/truck';
import Wifi from '@lucide/svelte/icons/wifi';
import type { ServiceIcon } from '#lib/api/types.ts';
import type { Icon } from '#lib/ui/types.ts';

export const serviceIcons: Record<ServiceIcon, Icon> = {
	card: CreditCard,
	loan: Banknote,
	account: Landmark,
	transfer: ArrowLeftRight,
	phone: Phone,
	network: Wifi,
	delivery: Truck,
	insurance: ShieldCheck,
	billing: ReceiptText,
	home: House,
	account_access: KeyRound,
	other: LayoutGrid
};
