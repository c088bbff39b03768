//! Serving the built SPA: hashed files for a year, pages never cached, unknown paths as the page of all addresses, unknown
//! files as a real 404 (a stale tab must not get a page where it asked for a script).

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::problem::Problem;

use super::headers::content_security_policy;

#[cfg(feature = "embed-spa")]
#[derive(rust_embed::RustEmbed)]
#[folder = "../frontend/build"]
struct Embedded;

struct File {
    plain: Vec<u8>,
    brotli: Option<Vec<u8>>,
    gzip: Option<Vec<u8>>,
    media: String,
    etag: String,
}

/// All files of the SPA by address, in memory: a few hundred kilobytes that never touch the disk again.
pub struct Spa {
    files: HashMap<String, File>,
    policy: String,
}

/// The page of every address that has none of its own.
const PAGE: &str = "200.html";

impl Spa {
    /// Loads from the folder, or from the binary when there is none. `None` when neither has an SPA.
    pub fn load(dir: Option<&Path>, api_origin: &str) -> Result<Option<Self>, String> {
        let raw = match dir {
            Some(dir) => from_folder(dir)
                .map_err(|e| format!("cannot read the SPA in {}: {e}", dir.display()))?,
            None => embedded(),
        };
        if raw.is_empty() {
            return Ok(None);
        }
        if !raw.contains_key(PAGE) {
            return Err(format!(
                "the SPA has no {PAGE}: build it with `npm run build`"
            ));
        }
        let pages = raw.iter().filter(|(name, _)| name.ends_with(".html"));
        let hashes: BTreeSet<String> = pages
            .flat_map(|(_, page)| inline_script_hashes(&String::from_utf8_lossy(page)))
            .collect();
        let policy = content_security_policy(&String::from_iter(hashes), api_origin);
        let files = raw
            .iter()
            .filter(|(name, _)| !name.ends_with(".br") && !name.ends_with(".gz"))
            .map(|(name, plain)| {
                let file = File {
                    plain: plain.clone(),
                    brotli: raw.get(&format!("{name}.br")).cloned(),
                    gzip: raw.get(&format!("{name}.gz")).cloned(),
                    media: media_type(name),
                    etag: format!(
                        "\"{}\"",
                        crate::auth::secrets::encode(&Sha256::digest(plain))
                    ),
                };
                (address(name).to_owned(), file)
            })
            .collect();
        Ok(Some(Self { files, policy }))
    }

    /// Answers a GET or HEAD outside the API.
    pub fn serve(&self, req: &HttpRequest) -> Result<HttpResponse, Problem> {
        if !matches!(*req.method(), Method::GET | Method::HEAD) {
            return Err(Problem::method_not_allowed(vec!["GET", "HEAD"]));
        }
        let name = req.path().trim_start_matches('/');
        let is_file = name.starts_with("_app/")
            || name
                .rsplit('/')
                .next()
                .is_some_and(|last| last.contains('.'));
        let file = match self.files.get(name) {
            Some(file) => file,
            None if is_file => return Err(Problem::not_found()),
            None => self
                .files
                .get(address(PAGE))
                .ok_or_else(Problem::not_found)?,
        };
        let seen = req
            .headers()
            .get(header::IF_NONE_MATCH)
            .and_then(|v| v.to_str().ok());
        let unchanged = seen == Some(file.etag.as_str());
        // A 304 renews the headers of the kept page, its policy above all: it must carry the same ones.
        let mut response = if unchanged {
            HttpResponse::NotModified()
        } else {
            HttpResponse::Ok()
        };
        let cache = if name.starts_with("_app/immutable/") {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        response
            .insert_header((header::CACHE_CONTROL, cache))
            .insert_header((header::ETAG, file.etag.clone()))
            .insert_header((header::VARY, "Accept-Encoding"))
            .insert_header((header::CONTENT_SECURITY_POLICY, self.policy.clone()))
            .content_type(file.media.clone());
        if unchanged {
            return Ok(response.finish());
        }
        let accepts = req
            .headers()
            .get(header::ACCEPT_ENCODING)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        let (encoding, bytes) = match (&file.brotli, &file.gzip) {
            (Some(bytes), _) if accepts.contains("br") => (Some("br"), bytes),
            (_, Some(bytes)) if accepts.contains("gzip") => (Some("gzip"), bytes),
            _ => (None, &file.plain),
        };
        match encoding {
            Some(encoding) => response.insert_header((header::CONTENT_ENCODING, encoding)),
            // Keeps the compression middleware away: what is worth it was compressed at build time.
            None => response.insert_header((header::CONTENT_ENCODING, "identity")),
        };
        Ok(response.body(bytes.clone()))
    }
}

/// Where a file is found: the pages of the SPA's addresses (`tickets.html`, `index.html`) without the ending.
fn address(name: &str) -> &str {
    match name.strip_suffix(".html") {
        Some("index") => "",
        Some(page) => page,
        None => name,
    }
}

fn media_type(name: &str) -> String {
    if name.ends_with(".webmanifest") {
        return "application/manifest+json".into();
    }
    let guess = mime_guess::from_path(name).first_or_octet_stream();
    if guess.type_() == "text" || guess.subtype() == "javascript" {
        format!("{guess}; charset=utf-8")
    } else {
        guess.to_string()
    }
}

fn embedded() -> HashMap<String, Vec<u8>> {
    #[cfg(feature = "embed-spa")]
    return Embedded::iter()
        .filter_map(|name| {
            Embedded::get(&name).map(|file| (name.to_string(), file.data.into_owned()))
        })
        .collect();
    #[cfg(not(feature = "embed-spa"))]
    HashMap::new()
}

fn from_folder(dir: &Path) -> std::io::Result<HashMap<String, Vec<u8>>> {
    let mut files = HashMap::new();
    let mut folders: Vec<PathBuf> = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(name) = path.strip_prefix(dir) {
                files.insert(name.to_string_lossy().into_owned(), std::fs::read(&path)?);
            }
        }
    }
    Ok(files)
}

/// CSP hashes (CSP3 section 2.3.1) of a page's own inline scripts: the bootstrap that the SPA's builder writes.
fn inline_script_hashes(page: &str) -> Vec<String> {
    page.split("<script")
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .filter(|(attributes, _)| !attributes.contains("src="))
        .filter_map(|(_, rest)| rest.split_once("</script>"))
        .map(|(script, _)| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script))))
        .collect()
}
