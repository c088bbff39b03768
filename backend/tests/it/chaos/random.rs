//! Repeatable choices: SplitMix64 (Steele, Lea, Flood 2014).

#[derive(Clone)]
pub struct Random(u64);

impl Random {
    /// The seed in `CARE_SEED`, else a new one.
    pub fn from_environment() -> (u64, Self) {
        let given = std::env::var("CARE_SEED").ok();
        let seed = match given {
            Some(text) => text.parse().expect("CARE_SEED is a number"),
            None => uuid::Uuid::new_v4().as_u128() as u64,
        };
        (seed, Self(seed))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Choices of its own, for somebody who runs beside us.
    pub fn fork(&mut self) -> Self {
        Self(self.next())
    }
}
