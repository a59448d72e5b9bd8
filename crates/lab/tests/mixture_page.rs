//! The page of the experiment `mixture` shows the numbers of its tables.

use lab::Table;
use serde_json::Value;

const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn digit(character: u8) -> f64 {
    DIGITS.bytes().position(|digit| digit == character).expect("a digit") as f64
}

/// The texts of a JSON list.
fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// A row of a table: the training, the update, the label, and what follows.
fn rows(table: &Table) -> impl Iterator<Item = (&str, u64, u64, Vec<f64>)> {
    let whole = |cell: &String| cell.parse::<u64>().unwrap();
    table.rows.iter().map(move |row| {
        let numbers = row[3..].iter().map(|cell| cell.parse().unwrap()).collect();
        (row[0].as_str(), whole(&row[1]), whole(&row[2]), numbers)
    })
}

#[test]
fn the_page_has_the_numbers_of_the_tables() {
    let report = (lab::find("mixture").unwrap().run)(1).unwrap();
    let section = report.page.split("<section id=\"game\"").nth(1).expect("the section");
    let section = section.split("</section>").next().unwrap();
    assert!(section.len() < 350_000, "{} bytes", section.len());
    let data = section.split("<script type=\"application/json\">").nth(1).expect("data");
    let data = data.split("</script>").next().unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    let reach = data["reach"].as_f64().unwrap();

    // Unpacked, in the order in which the tables have them.
    let (mut samples, mut values) = (Vec::new(), Vec::new());
    for training in data["trainings"].as_array().unwrap() {
        for frame in training["frames"].as_array().unwrap() {
            let of = |label: usize| {
                (training["name"].as_str().unwrap(), frame["update"].as_u64().unwrap(), label as u64)
            };
            for (label, text) in texts(&frame["samples"]).into_iter().enumerate() {
                for point in text.as_bytes().chunks(4) {
                    let number = |at: usize| (digit(point[at]) * 64.0 + digit(point[at + 1])) / 4095.0;
                    samples.push((of(label), [0, 2].map(|at| (number(at) * 2.0 - 1.0) * reach)));
                }
            }
            for (label, text) in texts(&frame["values"]).into_iter().enumerate() {
                values.extend(text.bytes().map(|character| (of(label), digit(character) / 63.0)));
            }
        }
    }

    let [_, frames, fields] = &report.tables[..] else { panic!("three tables") };
    assert_eq!((samples.len(), values.len()), (frames.rows.len(), fields.rows.len()));
    for ((of, point), (training, update, label, written)) in samples.into_iter().zip(rows(frames)) {
        assert_eq!(of, (training, update, label));
        for (packed, exact) in point.into_iter().zip(written) {
            let exact = exact.clamp(-reach, reach);
            assert!((packed - exact).abs() <= reach / 4095.0 + 1e-12, "{of:?}: {packed} is not {exact}");
        }
    }
    for ((of, d), (training, update, label, written)) in values.into_iter().zip(rows(fields)) {
        assert_eq!(of, (training, update, label));
        assert!((d - written[2]).abs() <= 0.5 / 63.0 + 1e-12, "{of:?}: {d} is not {}", written[2]);
    }
}
