//! The table at the end: each bar, what was measured, whether it holds, and how busy the machine was.

pub struct Report {
    rows: Vec<String>,
    load: String,
}

impl Report {
    pub fn new() -> Self {
        Self {
            rows: Vec::new(),
            load: load_average(),
        }
    }

    pub fn add(&mut self, name: &str, value: f64, relation: &str, bar: f64, detail: &str) {
        let holds = if relation == ">=" {
            value >= bar
        } else {
            value <= bar
        };
        let verdict = if holds { "holds" } else { "FALLS SHORT" };
        self.rows.push(format!(
            "{name:<44} {value:>8.2}   {relation} {bar:<5} {verdict}\n    {detail}"
        ));
    }

    pub fn peak_memory(&mut self, mb: f64) {
        self.add(
            "peak memory of the server, MB",
            mb,
            "<=",
            64.0,
            "VmHWM after all of the above",
        );
    }

    pub fn print(&self, tickets: u64) {
        println!(
            "\n{tickets} tickets, 50000 customers, 200 agents; load average before {}, after {}",
            self.load,
            load_average()
        );
        println!("Ratios and rates are medians of interleaved rounds.\n");
        for row in &self.rows {
            println!("{row}");
        }
    }
}

/// Of one, five and fifteen minutes: a busy machine's figures are worth less.
fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}
