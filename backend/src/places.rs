//! Roughly where an address is, by a local file in MaxMind's format (MaxMind DB 2.0,
//! <https://maxmind.github.io/MaxMind-DB/>).
//!
//! No other host is asked, and no answer is kept: an address is looked up when it is shown or compared, in a microsecond
//! or so. What a newer file knows better holds for old sign-ins, too, and a place goes when the address goes.

use std::{net::IpAddr, path::Path, sync::Arc};

use maxminddb::{LookupResult, PathElement, Reader};

use crate::outbound;

/// What the kinds of files are called that say where an address is: "GeoLite2-City", "DBIP-Country-Lite", …
const KINDS: [&str; 3] = ["City", "Country", "Enterprise"];

/// The file, when there is one; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Places(Option<Arc<Reader<Vec<u8>>>>);

/// Roughly where an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166-1 alpha-2, as "SE".
    pub country: String,
    /// In English: "Linköping, Sweden", or the country alone.
    pub name: String,
}

impl Places {
    /// Reads the file into memory. It is not mapped: replacing a mapped file in its place would take the server down.
    pub fn open(file: Option<&Path>) -> Result<Self, String> {
        let Some(file) = file else {
            return Ok(Self::default());
        };
        let bad = |why: String| format!("CARE_PLACES: {}: {why}", file.display());
        let reader = Reader::open_readfile(file).map_err(|e| bad(e.to_string()))?;
        let kind = &reader.metadata().database_type;
        if !KINDS.iter().any(|known| kind.contains(known)) {
            return Err(bad(format!(
                "a file of cities or of countries is needed, this is {kind:?}"
            )));
        }
        Ok(Self(Some(Arc::new(reader))))
    }

    /// None without a file, for what is no address, for addresses of private networks and the like, and where the file
    /// knows no country.
    pub fn find(&self, ip: &str) -> Option<Place> {
        let reader = self.0.as_deref()?;
        let ip = ip.parse::<IpAddr>().ok()?.to_canonical();
        if !outbound::is_public(ip) {
            return None;
        }
        let found = reader.lookup(ip).ok()?;
        let name = text(&found, ["country", "names", "en"])?;
        Some(Place {
            country: text(&found, ["country", "iso_code"])?,
            name: match text(&found, ["city", "names", "en"]) {
                Some(city) => format!("{city}, {name}"),
                None => name,
            },
        })
    }

    /// [`Place::name`] of the address.
    pub fn name(&self, ip: &str) -> Option<String> {
        self.find(ip).map(|place| place.name)
    }
}

/// The text at the end of these keys. What can not be understood says nothing.
fn text<const N: usize>(found: &LookupResult<'_, Vec<u8>>, keys: [&str; N]) -> Option<String> {
    let path = keys.map(PathElement::Key);
    found.decode_path(&path).ok().flatten()
}
