/** 200 characters, as a customer's name may be. */
export const longName =
	'Venkatanarasimharajuvaripeta Subrahmanya Chandrasekhara Balasubramaniam of the Thiruvananthapuram Donaudampfschifffahrtsgesellschaftskapitaensmuetzenabzeichen Association for Very Patient Customers II';
export const tamil = 'மார்ச் மாதத்தில் இரண்டு முறை கட்டணம் வசூலிக்கப்பட்டது';
export const minutesAgo = (minutes: number) =>
	new Date(Date.now() - minutes * 60_000).toISOString();
