//! `make bench`: how fast archives are replayed, and by what it is to be measured.

mod archives;
mod floors;
mod machine;
mod measure;
// The sorter of a replay, which is a part of a program and not of a library.
#[path = "../../crates/rolewatch-cli/src/reading/order/mod.rs"]
mod order;
mod page;
mod random;
mod records;
mod report;
mod rivals;
mod run;
mod steps;
mod targets;
mod truth;

use std::path::Path;

use anyhow::bail;

/// `run` measures and writes the page; the others are what it runs as processes of their own.
fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *words {
        ["run"] => run::run(),
        ["run", "report"] => run::report_alone(),
        ["libdeflate", folder] => floors::libdeflate(Path::new(folder)),
        ["zlib-rs", folder] => floors::zlib_rs(Path::new(folder)),
        ["steps", folder] => steps::print(Path::new(folder)),
        ["report", "events"] => report::events::print(),
        ["report", "table", url] => report::table::print(url),
        ["report", "server"] => report::server::serve(),
        _ => bail!(
            "rolewatch-bench run [report] | libdeflate FOLDER | zlib-rs FOLDER | steps FOLDER | \
             report events | report table URL | report server"
        ),
    }
}
