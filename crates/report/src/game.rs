//! The section in which two nets play in the plane, frame by frame.
//!
//! What a script needs is text of 64 characters, so that it takes little room: a value of D between 0 and 1 is one
//! character, a coordinate is two.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use figures::{Chart, Field, Panel, Plot, PlotLine, Reference, Series, escape, rounded};
use serde_json::{Value, json};

use crate::document;
use crate::section::Section;

/// The style of the section, for any page that holds it.
pub const GAME_STYLE: &str = include_str!("game.css");

/// The script of the section, for any page that holds it in an element of its id.
pub fn game_script() -> String {
    document::script(&[
        include_str!("../js/section.js"),
        include_str!("../js/game.js"),
        include_str!("../js/game-main.js"),
    ])
}

/// The digits of the packed numbers, from 0 to 63. None of them means anything in HTML or JSON.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Samples of a label in a still picture. More would hide each other.
const STILL_SAMPLES: usize = 6;

/// Points of the plane, those of a label in a list of their own.
pub type ByLabel = Vec<Vec<[f64; 2]>>;

/// Trainings of G and D on points of the plane, as plain data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Game {
    /// What is played, as plain text.
    pub about: String,
    /// Examples of the data.
    pub data: ByLabel,
    /// Columns, and rows, of the grid on which D is evaluated.
    pub side: usize,
    /// The grid covers [-half, half]²; the pictures show this square.
    pub half: f64,
    /// The trainings, each with frames at the same updates.
    pub trainings: Vec<GameTraining>,
}

/// A training of G and D on the data of a [`Game`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GameTraining {
    /// Its name, as plain text.
    pub name: String,
    /// Whether G and D are told the label.
    pub conditional: bool,
    /// The losses of D and of G at the equilibrium.
    pub losses_at_equilibrium: (f64, f64),
    /// What was seen during the training, in order.
    pub frames: Vec<GameFrame>,
}

/// What was seen after some updates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GameFrame {
    /// Updates of G so far.
    pub update: u64,
    /// Samples of G. Their noise is that of every frame.
    pub samples: ByLabel,
    /// D(x|y) at the centres of the cells, row by row from the least second coordinate, for each label that D knows.
    pub values: Vec<Vec<f64>>,
    /// The losses of D and of G, the mean over the updates since the frame before; `None` before the first update.
    pub losses: Option<(f64, f64)>,
    /// The share of samples that are nearer to the centre of their own label than to any other.
    pub own: f64,
    /// The share of samples that lie in a cloud of the data, whichever it is.
    pub inside: f64,
}

/// The section of a game: an animation, and without a script a still picture of it.
pub fn section(game: &Game) -> Section {
    Section::new("game", "The game in two dimensions", body(game)).with_data(data(game))
}

fn body(game: &Game) -> String {
    let options = |names: &mut dyn Iterator<Item = String>| -> String {
        names.enumerate().map(|(i, name)| format!("<option value=\"{i}\">{name}</option>")).collect()
    };
    let trainings = options(&mut game.trainings.iter().map(|training| escape(&training.name)));
    let labels = options(&mut (0..game.data.len()).map(|label| label.to_string()));
    include_str!("game.html")
        .replace("{about}", &escape(&game.about))
        .replace("{trainings}", &trainings)
        .replace("{labels}", &labels)
        .replace("{last}", &frames(game).saturating_sub(1).to_string())
        .replace("{still}", &still(game))
        .replace(
            "{plots}",
            &game.trainings.iter().map(|training| plots(training, x_range(game))).collect::<String>(),
        )
}

/// Frames that all trainings have.
fn frames(game: &Game) -> usize {
    game.trainings.iter().map(|training| training.frames.len()).min().unwrap_or(0)
}

/// The first, the middle and the last frame of each training, a training a row.
fn still(game: &Game) -> String {
    let last = frames(game).saturating_sub(1);
    let panel = |training: &GameTraining, frame: &GameFrame| {
        let of_label = |(label, points): (usize, &Vec<[f64; 2]>)| {
            let points = points.iter().filter(|point| point.iter().all(|c| c.abs() < game.half));
            Series::dots(format!("y = {label}"), points.take(STILL_SAMPLES).map(|point| (point[0], point[1])))
        };
        let range = (-game.half, game.half);
        let behind = frame.values.first().into_iter().flatten().map(|d| 2.0 * d - 1.0).collect();
        Panel {
            heading: format!("{}, update {}", training.name, frame.update),
            series: frame.samples.iter().enumerate().map(of_label).collect(),
            field: Some(Field { x: range, y: range, columns: game.side, values: behind }),
            plane: true,
            ..Panel::default()
        }
    };
    let row = |training: &GameTraining| {
        [0, last / 2, last].map(|at| training.frames.get(at).map(|frame| panel(training, frame)))
    };
    let panels = game.trainings.iter().flat_map(row).flatten().collect();
    let chart = Chart {
        title: "The game in two dimensions".to_owned(),
        panels,
        columns: 3,
        note: "Samples by their labels. Behind them D, of label 0 where D knows y: blue where it takes x for real".to_owned(),
    };
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(chart.svg()))
}

/// The updates along the plots.
fn x_range(game: &Game) -> (f64, f64) {
    let last = game.trainings.iter().filter_map(|training| training.frames.last());
    (0.0, last.map(|frame| frame.update).max().unwrap_or(1).max(1) as f64)
}

/// The losses and the shares of a training over its updates.
fn plots(training: &GameTraining, range: (f64, f64)) -> String {
    let line = |name: &str, class: &str, of: &dyn Fn(&GameFrame) -> Option<f64>| {
        let point = |frame: &GameFrame| Some((frame.update as f64, of(frame)?));
        let points = training.frames.iter().filter_map(point).collect();
        PlotLine { name: name.to_owned(), class: class.to_owned(), points }
    };
    let reference = |value: f64, name: &str| Reference { value, name: name.to_owned() };
    let losses = Plot {
        heading: "Losses over the updates".to_owned(),
        lines: vec![
            line("D's loss", "d", &|frame| frame.losses.map(|losses| losses.0)),
            line("G's loss", "g", &|frame| frame.losses.map(|losses| losses.1)),
        ],
        references: vec![
            reference(training.losses_at_equilibrium.0, "D at equilibrium"),
            reference(training.losses_at_equilibrium.1, "G at equilibrium"),
        ],
        range: None,
    };
    let shares = Plot {
        heading: "Shares of the samples over the updates".to_owned(),
        lines: vec![
            line("nearest to their own label's cloud", "c2", &|frame| Some(frame.own)),
            line("within any cloud", "c3", &|frame| Some(frame.inside)),
        ],
        references: Vec::new(),
        range: Some((0.0, 1.0)),
    };
    let figure = |plot: &Plot| {
        let key = |line: &PlotLine| {
            format!("<span class=\"game-key {}\">{}</span>", line.class, escape(&line.name))
        };
        let keys: String = plot.lines.iter().map(key).collect();
        let heights = plot.references.iter().map(|r| format!("{} {}", r.name, rounded(r.value)));
        let heights = heights.collect::<Vec<_>>().join(", ");
        let heights = if heights.is_empty() {
            heights
        } else {
            format!("<span class=\"game-key half\">{heights}</span>")
        };
        format!(
            "<p class=\"game-title\">{}</p>\n<p class=\"game-keys\">{keys}{heights}</p>\n{}",
            escape(&plot.heading),
            plot.fluid(range, "update")
        )
    };
    format!(
        "<div class=\"game-plots\"><p class=\"game-name\">{}</p>\n{}{}</div>\n",
        escape(&training.name),
        figure(&losses),
        figure(&shares)
    )
}

fn data(game: &Game) -> Value {
    let points = |by_label: &ByLabel| -> Vec<String> {
        by_label.iter().map(|points| coordinates(points, 2.0 * game.half)).collect()
    };
    let trainings: Vec<Value> = game
        .trainings
        .iter()
        .map(|training| {
            let frame = |frame: &GameFrame| {
                json!({
                    "update": frame.update,
                    "losses": frame.losses.map(|(d, g)| [d, g].map(thousandths)).filter(|losses| losses.iter().all(|loss| loss.is_finite())),
                    "own": thousandths(frame.own),
                    "inside": thousandths(frame.inside),
                    "samples": points(&frame.samples),
                    "values": frame.values.iter().map(|values| shares(values)).collect::<Vec<_>>(),
                })
            };
            let frames: Vec<Value> = training.frames.iter().map(frame).collect();
            json!({ "name": training.name, "conditional": training.conditional, "frames": frames })
        })
        .collect();
    json!({
        "side": game.side,
        "half": game.half,
        "reach": 2.0 * game.half,
        "range": x_range(game),
        "data": points(&game.data),
        "trainings": trainings,
    })
}

/// To three decimals.
fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Numbers between 0 and 1, a character each, to 1/126.
fn shares(values: &[f64]) -> String {
    values.iter().map(|value| digit((value.clamp(0.0, 1.0) * 63.0).round() as usize)).collect()
}

/// Points, four characters each, to 1/4095 of `reach`; a coordinate beyond `reach` is drawn in to it.
fn coordinates(points: &[[f64; 2]], reach: f64) -> String {
    let number = |c: &f64| ((c / reach).clamp(-1.0, 1.0) * 0.5 + 0.5) * 4095.0;
    points
        .iter()
        .flatten()
        .map(number)
        .flat_map(|n| {
            let n = n.round() as usize;
            [digit(n / 64), digit(n % 64)]
        })
        .collect()
}

fn digit(number: usize) -> char {
    char::from(DIGITS[number % 64])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The game that the test of game.js unpacks.
    fn game() -> Game {
        let frame = |update, losses, own, inside, samples, values| GameFrame {
            update,
            samples,
            values,
            losses,
            own,
            inside,
        };
        let middle = || vec![[0.0, 0.0]];
        let frames = vec![
            frame(0, None, 0.5, 0.0, vec![vec![], middle()], vec![vec![0.0, 1.0, 0.508, 0.5], vec![1.0; 4]]),
            frame(
                200,
                Some((1.3858, 0.7012)),
                1.0,
                0.25,
                vec![middle(), vec![]],
                vec![vec![0.0; 4], vec![0.51; 4]],
            ),
        ];
        let training = GameTraining {
            name: "a".to_owned(),
            conditional: true,
            losses_at_equilibrium: (1.386, 0.693),
            frames,
        };
        Game {
            about: "Two labels.".to_owned(),
            data: vec![vec![[-4.0, 0.0]], vec![[4.0, -0.001]]],
            side: 2,
            half: 2.0,
            trainings: vec![training],
        }
    }

    #[test]
    fn numbers_are_packed_as_the_script_unpacks_them() {
        let data = data(&game());
        assert_eq!(data["data"], json!(["AAgA", "__f_"]));
        assert_eq!(
            (&data["side"], &data["half"], &data["range"]),
            (&json!(2), &json!(2.0), &json!([0.0, 200.0]))
        );
        let frames = &data["trainings"][0]["frames"];
        assert_eq!(frames[0]["values"], json!(["A_gg", "____"]));
        assert_eq!(
            frames[1],
            json!({
                "update": 200, "losses": [1.386, 0.701], "own": 1.0, "inside": 0.25,
                "samples": ["gAgA", ""], "values": ["AAAA", "gggg"],
            })
        );
        assert_eq!(frames[0]["losses"], Value::Null);
    }

    #[test]
    fn numbers_out_of_range_stay_numbers() {
        assert_eq!(shares(&[-1.0, 2.0, f64::NAN]), "A_A");
        assert_eq!(coordinates(&[[f64::NEG_INFINITY, 1e9]], 4.0), "AA__");
        let mut game = game();
        game.trainings[0].frames[1].losses = Some((f64::NAN, 1.0));
        assert_eq!(data(&game)["trainings"][0]["frames"][1]["losses"], Value::Null);
    }

    #[test]
    fn the_section_is_readable_without_a_script() {
        let section = section(&game());
        for text in [
            "Two labels.",
            "src=\"data:image/svg+xml;base64,",
            "Losses over the updates",
            "D at equilibrium 1.39",
        ] {
            assert!(section.body.contains(text), "{text}");
        }
        assert!(
            section.body.contains("max=\"1\"") && section.body.contains("<option value=\"1\">1</option>")
        );
        // A strict policy forbids them.
        assert!(!section.body.contains("style=") && !section.body.contains("{"), "{}", section.body);
        // A game without frames is a section all the same.
        assert!(super::section(&Game::default()).body.contains("max=\"0\""));
    }

    #[test]
    fn names_stay_text() {
        let mut game = game();
        let hostile = "</script><img src=x onerror=alert(1)>";
        game.about = hostile.to_owned();
        game.trainings[0].name = hostile.to_owned();
        let content = section(&game).content();
        assert!(!content.contains("<img src=x"), "{content}");
        assert_eq!(content.matches("</script>").count(), 1);
    }
}
