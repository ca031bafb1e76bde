//! Replays recorded behaviour of Kubernetes and counts what agrees.

mod admission;
mod case;
mod runtime;
mod scheduling;
mod status;
mod trace;
mod wild;

fn adapter(family: &str, function: &str) -> Option<case::Adapter> {
    match family {
        "admission" => admission::adapter(function),
        "runtime" => runtime::adapter(function),
        "scheduling" => scheduling::adapter(function),
        "status" => status::adapter(function),
        "trace" => trace::adapter(function),
        "wild" => wild::adapter(function),
        _ => None,
    }
}

fn main() {
    let shared = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance");
    let only = std::env::var("CONFORMANCE_ONLY").unwrap_or_default();
    let show: usize = std::env::var("CONFORMANCE_SHOW").map_or(0, |n| n.parse().unwrap_or(0));
    for family in [
        "admission",
        "runtime",
        "scheduling",
        "status",
        "trace",
        "wild",
    ] {
        let Ok(dir) = std::fs::read_dir(shared.join(family)) else {
            continue;
        };
        for path in dir.flatten().map(|entry| entry.path()) {
            let name = path.file_name().unwrap().to_str().unwrap();
            let [function, set, "jsonl"] = name.split('.').collect::<Vec<_>>()[..] else {
                continue;
            };
            let label = format!("{family}/{function}.{set}");
            if !only.is_empty() && !only.split(',').any(|prefix| label.starts_with(prefix)) {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let Some(adapter) = adapter(family, function) else {
                println!("{label} missing");
                continue;
            };
            let (mut passed, mut total) = (0, 0);
            for line in text.lines() {
                let case: case::Case = serde_json::from_str(line).unwrap();
                total += 1;
                match adapter(&case) {
                    Ok(()) => passed += 1,
                    Err(got) if total - passed <= show => {
                        println!(
                            "{}\n  in   {}\n  want {}\n  got  {got}",
                            case.id, case.input, case.output
                        );
                    }
                    Err(_) => {}
                }
            }
            println!("{label} {passed}/{total}");
        }
    }
}
