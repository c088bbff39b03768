//! Making a small square JPEG of whatever picture was sent.

use std::{io::Cursor, sync::Arc, time::Duration};

use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage,
    codecs::jpeg::JpegEncoder, imageops::FilterType,
};
use tokio::sync::{Semaphore, oneshot};

use crate::problem::{Code, FieldCode, Problem};

/// Edge of the square, in pixels.
const EDGE: u32 = 256;
/// Bytes of the result; also the database's limit.
const MAX_BYTES: usize = 65_536;
/// Pixels that we decode at most: photographs of telephones have 12 to 24 million.
const MAX_PIXELS: u64 = 25_000_000;
/// Bytes that a decoded picture may take, whatever its pixels are made of.
const MAX_MEMORY: u64 = 110_000_000;

/// Draws one picture at a time, on a thread of its own: a flood of uploads costs one core and bounded memory.
#[derive(Clone)]
pub struct Studio {
    seat: Arc<Semaphore>,
    wait: Duration,
}

impl Default for Studio {
    fn default() -> Self {
        Self {
            seat: Arc::new(Semaphore::new(1)),
            wait: Duration::from_secs(5),
        }
    }
}

impl Studio {
    pub async fn draw(&self, upload: Vec<u8>) -> Result<Vec<u8>, Problem> {
        let seat = tokio::time::timeout(self.wait, self.seat.clone().acquire_owned()).await;
        let Ok(Ok(seat)) = seat else {
            return Err(Problem::unavailable("too many pictures to draw"));
        };
        let (answer, wait) = oneshot::channel();
        let work = move || {
            let drawn = std::panic::catch_unwind(|| draw(&upload));
            drop(seat);
            let _ = answer.send(drawn.unwrap_or_else(|_| Err(not_a_picture())));
        };
        std::thread::Builder::new()
            .name("picture".into())
            .spawn(work)
            .map_err(Problem::internal)?;
        wait.await
            .map_err(|_| Problem::internal("a picture thread died"))?
    }
}

fn not_a_picture() -> Problem {
    Problem::field(
        "",
        FieldCode::Malformed,
        "Send a picture as PNG, JPEG or WebP.",
    )
}

/// What the bytes are is decided by the bytes. The size is known, and refused, before any pixel is decoded.
fn draw(upload: &[u8]) -> Result<Vec<u8>, Problem> {
    let format = image::guess_format(upload)
        .ok()
        .filter(|f| matches!(f, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP))
        .ok_or_else(not_a_picture)?;
    let mut reader = ImageReader::with_format(Cursor::new(upload), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| not_a_picture())?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS || decoder.total_bytes() > MAX_MEMORY {
        return Err(Problem::new(
            Code::PayloadTooLarge,
            "A picture may have at most 25 million pixels.",
        ));
    }
    let orientation = decoder.orientation();
    let whole = DynamicImage::from_decoder(decoder).map_err(|_| not_a_picture())?;
    let mut square = whole.resize_to_fill(EDGE, EDGE, FilterType::Triangle);
    drop(whole);
    if let Ok(orientation) = orientation {
        square.apply_orientation(orientation);
    }
    encode(&on_white(&square))
}

/// JPEG knows no transparency.
fn on_white(picture: &DynamicImage) -> RgbImage {
    let rgba = picture.to_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, alpha] = rgba.get_pixel(x, y).0;
        let over = |c: u8| {
            let (c, a) = (u16::from(c), u16::from(alpha));
            ((c * a + 255 * (255 - a)) / 255) as u8
        };
        Rgb([over(r), over(g), over(b)])
    })
}

/// As good as it gets within the bytes.
fn encode(picture: &RgbImage) -> Result<Vec<u8>, Problem> {
    for quality in [88, 75, 60, 40, 20] {
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, quality)
            .encode_image(picture)
            .map_err(Problem::internal)?;
        if jpeg.len() <= MAX_BYTES {
            return Ok(jpeg);
        }
    }
    Err(Problem::internal("a small picture does not get small"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn every_kind_becomes_a_small_square_jpeg() {
        let red = DynamicImage::from(RgbImage::from_pixel(300, 90, Rgb([200, 10, 10])));
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let jpeg = draw(&encoded(&red, format)).unwrap();
            assert_eq!(image::guess_format(&jpeg).unwrap(), ImageFormat::Jpeg);
            let drawn = image::load_from_memory(&jpeg).unwrap().to_rgb8();
            assert_eq!(drawn.dimensions(), (EDGE, EDGE));
            let [r, g, _] = drawn.get_pixel(128, 128).0;
            assert!(r > 150 && g < 60, "{format:?}");
        }
    }

    /// The worst that can be asked of an encoder.
    #[test]
    fn noise_fits_too() {
        let mut seed = 7_u32;
        let noise = RgbImage::from_fn(EDGE, EDGE, |_, _| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [a, b, c, _] = seed.to_be_bytes();
            Rgb([a, b, c])
        });
        let jpeg = draw(&encoded(&noise.into(), ImageFormat::Png)).unwrap();
        assert!(jpeg.len() <= MAX_BYTES, "{}", jpeg.len());
    }

    #[test]
    fn what_is_transparent_turns_white() {
        let clear = DynamicImage::new_rgba8(10, 10);
        let jpeg = draw(&encoded(&clear, ImageFormat::Png)).unwrap();
        let drawn = image::load_from_memory(&jpeg).unwrap().to_rgb8();
        assert!(drawn.get_pixel(5, 5).0.iter().all(|c| *c > 250));
    }
}
