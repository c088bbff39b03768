//! A file of places, written here after the description of the format (MaxMind DB 2.0,
//! <https://maxmind.github.io/MaxMind-DB/>), so that nobody's data lies in the repository. What it says of the addresses is
//! made up, but for their countries; no address is ever called.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::Folder;

pub const LINKOPING: &str = "89.160.20.128";
pub const STOCKHOLM: &str = "89.160.20.161";
pub const BOXFORD: &str = "2.125.160.217";
/// Its network is one of a country only.
pub const JAPAN: &str = "2001:218::7";
/// The file knows the network, but no country of it.
pub const NOWHERE: &str = "81.2.69.142";
/// In no network of the file.
pub const UNKNOWN: &str = "8.8.4.4";
/// The file names a place; but of a private address it can not know one.
pub const PRIVATE: &str = "10.1.2.3";

/// The file with all of the above; it goes with the folder.
pub fn file(folder: &Folder) -> String {
    let networks = [
        ("89.160.20.128", 27, city("Linköping", "SE", "Sweden")),
        ("89.160.20.160", 27, city("Stockholm", "SE", "Sweden")),
        ("2.125.160.216", 29, city("Boxford", "GB", "United Kingdom")),
        (
            "2001:218::",
            32,
            json!({ "country": country("JP", "Japan") }),
        ),
        ("81.2.69.0", 24, json!({ "continent": { "code": "EU" } })),
        ("10.0.0.0", 8, city("Head office", "SE", "Sweden")),
    ];
    write(folder, "Care-City", &networks)
}

/// A file of this kind about these networks.
pub fn write(folder: &Folder, kind: &str, networks: &[(&str, u32, Value)]) -> String {
    let (mut tree, mut records) = (Tree::new(), Vec::new());
    for (ip, length, record) in networks {
        tree.insert(ip.parse().unwrap(), *length, records.len());
        put(&mut records, record);
    }
    let mut bytes = tree.bytes();
    bytes.extend([0; SEPARATOR]);
    bytes.extend(records);
    bytes.extend(b"\xab\xcd\xefMaxMind.com");
    put_metadata(&mut bytes, kind, tree.0.len());
    let path = format!("{}/places.mmdb", folder.path());
    std::fs::write(&path, bytes).unwrap();
    path
}

fn country(code: &str, name: &str) -> Value {
    json!({ "iso_code": code, "names": { "de": "Anderswo", "en": name } })
}

fn city(name: &str, code: &str, of: &str) -> Value {
    json!({ "city": { "names": { "en": name } }, "country": country(code, of) })
}

/// Zeros between the tree and the records.
const SEPARATOR: usize = 16;

/// What one bit of an address leads to.
#[derive(Clone, Copy)]
enum Next {
    Nothing,
    Node(usize),
    /// Where the record begins.
    Record(usize),
}

/// The search tree over IPv6 addresses; those of IPv4 stand in `::/96`.
struct Tree(Vec<[Next; 2]>);

impl Tree {
    fn new() -> Self {
        Self(vec![[Next::Nothing; 2]])
    }

    fn insert(&mut self, ip: IpAddr, length: u32, record: usize) {
        let (bits, length) = match ip {
            IpAddr::V4(ip) => (u128::from(u32::from(ip)), 96 + length),
            IpAddr::V6(ip) => (u128::from(ip), length),
        };
        let side = |depth: u32| usize::from((bits >> (127 - depth)) & 1 == 1);
        let mut node = 0;
        for depth in 0..length - 1 {
            node = match self.0[node][side(depth)] {
                Next::Node(next) => next,
                _ => {
                    let next = self.0.len();
                    self.0.push([Next::Nothing; 2]);
                    self.0[node][side(depth)] = Next::Node(next);
                    next
                }
            };
        }
        self.0[node][side(length - 1)] = Next::Record(record);
    }

    /// Two numbers of 24 bits for each node.
    fn bytes(&self) -> Vec<u8> {
        let count = self.0.len();
        let number = |next: &Next| match next {
            Next::Nothing => count,
            Next::Node(node) => *node,
            Next::Record(at) => count + SEPARATOR + at,
        };
        let numbers = self.0.iter().flatten().map(number);
        let bytes = numbers.map(|n| u32::try_from(n).unwrap().to_be_bytes());
        bytes.flat_map(|[_, a, b, c]| [a, b, c]).collect()
    }
}

/// Types of values in the format.
const TEXT: u8 = 2;
const U16: u8 = 5;
const U32: u8 = 6;
const MAP: u8 = 7;
const U64: u8 = 9;
const ARRAY: u8 = 11;

/// The control byte of a value: three bits of type (the later types in a byte of their own), five of size.
fn head(out: &mut Vec<u8>, kind: u8, size: usize) {
    let size = u8::try_from(size).unwrap();
    assert!(size < 29, "longer ones are written in another way");
    match kind {
        1..=7 => out.push((kind << 5) | size),
        _ => out.extend([size, kind - 7]),
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    head(out, TEXT, text.len());
    out.extend(text.as_bytes());
}

/// Without leading zeros.
fn put_number(out: &mut Vec<u8>, kind: u8, number: u64) {
    let zeros = number.leading_zeros() as usize / 8;
    head(out, kind, 8 - zeros);
    out.extend(&number.to_be_bytes()[zeros..]);
}

fn put(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(text) => put_text(out, text),
        Value::Object(map) => {
            head(out, MAP, map.len());
            for (key, value) in map {
                put_text(out, key);
                put(out, value);
            }
        }
        other => panic!("no record holds {other}"),
    }
}

fn put_metadata(out: &mut Vec<u8>, kind: &str, nodes: usize) {
    let numbers = [
        ("node_count", U32, nodes as u64),
        ("record_size", U16, 24),
        ("ip_version", U16, 6),
        ("binary_format_major_version", U16, 2),
        ("binary_format_minor_version", U16, 0),
        ("build_epoch", U64, 1_790_000_000),
    ];
    head(out, MAP, numbers.len() + 3);
    for (key, kind, number) in numbers {
        put_text(out, key);
        put_number(out, kind, number);
    }
    put_text(out, "database_type");
    put_text(out, kind);
    put_text(out, "languages");
    head(out, ARRAY, 1);
    put_text(out, "en");
    put_text(out, "description");
    put(out, &json!({ "en": "Places for tests" }));
}
