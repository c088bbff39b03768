/** Preparing a picture before it is sent: a square, small, whatever was chosen. */

/** Pixels of an edge; the API keeps half of it. */
export const EDGE = 512;
/** Bytes of a file that is opened at all. */
const MOST = 40_000_000;

export type PictureFault = 'kind' | 'size' | 'broken';

/** The picture in a file, or why there is none. */
export async function openPicture(file: File): Promise<ImageBitmap | PictureFault> {
	if (!file.type.startsWith('image/')) return 'kind';
	if (file.size > MOST) return 'size';
	try {
		return await createImageBitmap(file);
	} catch {
		return 'broken';
	}
}

/** What part of a picture is shown: how large, and how far it is moved, each direction from -1 to 1. */
export interface Crop {
	zoom: number;
	x: number;
	y: number;
}

interface Size {
	width: number;
	height: number;
}

/** Where the picture is drawn in a square of `edge`, which it always covers. */
export function place({ width, height }: Size, { zoom, x, y }: Crop, edge = EDGE) {
	const scale = (edge / Math.min(width, height)) * zoom;
	const [w, h] = [width * scale, height * scale];
	/** How far it can move to either side. */
	const room = { x: (w - edge) / 2, y: (h - edge) / 2 };
	return { left: x * room.x - room.x, top: y * room.y - room.y, width: w, height: h, room };
}

const within = (value: number): number => Math.max(-1, Math.min(1, value));

/** Moved by so many pixels of a square of `edge`. */
export function move(size: Size, crop: Crop, dx: number, dy: number, edge = EDGE): Crop {
	const { room } = place(size, crop, edge);
	return {
		...crop,
		x: room.x > 0 ? within(crop.x + dx / room.x) : 0,
		y: room.y > 0 ? within(crop.y + dy / room.y) : 0
	};
}

/** Pictures know no transparency afterwards: what is clear turns white. */
export function draw(canvas: HTMLCanvasElement, picture: ImageBitmap, crop: Crop): void {
	const pen = canvas.getContext('2d');
	if (!pen) return;
	const { left, top, width, height } = place(picture, crop);
	pen.fillStyle = 'white';
	pen.fillRect(0, 0, EDGE, EDGE);
	pen.imageSmoothingQuality = 'high';
	pen.drawImage(picture, left, top, width, height);
}

export const asFile = (canvas: HTMLCanvasElement): Promise<Blob> =>
	new Promise((resolve, reject) => {
		canvas.toBlob(
			(blob) => (blob ? resolve(blob) : reject(new Error('the picture could not be drawn'))),
			'image/jpeg',
			0.9
		);
	});
