//! One struct with a setting of every form, and all that is derived from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use settings::{Node, assignment, check, check_table, document, lines, node_of, overlay, parse, read};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct All {
    /// Units of the layer. More of them
    /// cost time.
    #[schemars(range(min = 1, max = 8), extend("paper" = "4"))]
    units: usize,
    /// Share of units that is dropped (Srivastava et al. 2014). Off in evaluation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0, "paper" = "open"))]
    dropout: Option<f64>,
    /// Rate.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    rate: f64,
    /// Name of the data.
    data: String,
    /// Whether it is on.
    #[serde(default)]
    on: bool,
    /// How weights start.
    start: Start,
    /// What moves them.
    rule: Rule,
    /// An extra.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    extra: Option<Extra>,
    /// A second rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    second_rule: Option<Rule>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Start {
    /// All zero.
    Zeros,
    /// Uniform.
    Uniform(f64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Rule {
    /// Momentum.
    Sgd(Sgd),
    /// Nothing to set.
    Plain(Plain),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sgd {
    /// Momentum.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
    momentum: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Plain {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Extra {
    /// Weight.
    #[schemars(range(min = 0.0))]
    weight: f64,
    /// Updates from one to the next.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    interval: u64,
}

fn one() -> u64 {
    1
}

fn base() -> All {
    All {
        units: 4,
        dropout: Some(0.5),
        rate: 0.1,
        data: "embedded".to_owned(),
        on: true,
        start: Start::Uniform(0.05),
        rule: Rule::Sgd(Sgd { momentum: 0.5 }),
        extra: None,
        second_rule: None,
    }
}

/// `base` with these assignments.
fn with(settings: &[&str]) -> Result<All, String> {
    let node = node_of::<All>();
    let mut table = toml::Table::try_from(base()).unwrap();
    for setting in settings {
        overlay(&mut table, assignment(setting).unwrap(), &node).map_err(|problem| problem.to_string())?;
    }
    check_table(&table, &node).map_err(|problem| problem.to_string())?;
    read(table).map_err(|problem| problem.to_string())
}

#[test]
fn values_of_every_form_are_set() {
    assert_eq!(with(&[]).unwrap(), base());
    let set = with(&[
        "units=8",
        "dropout=none",
        "rate=3",
        "data=/some where/else",
        "on=false",
        "start=zeros",
        "rule=plain",
        "extra.weight=2",
        "second_rule.sgd.momentum=0.9",
    ]);
    let want = All {
        units: 8,
        dropout: None,
        rate: 3.0,
        data: "/some where/else".to_owned(),
        on: false,
        start: Start::Zeros,
        rule: Rule::Plain(Plain {}),
        extra: Some(Extra { weight: 2.0, interval: 1 }),
        second_rule: Some(Rule::Sgd(Sgd { momentum: 0.9 })),
    };
    assert_eq!(set.unwrap(), want);
}

#[test]
fn a_kind_replaces_another_and_is_merged_with_itself() {
    assert_eq!(with(&["rule.sgd.momentum=0.7"]).unwrap().rule, Rule::Sgd(Sgd { momentum: 0.7 }));
    assert_eq!(with(&["rule=sgd"]).unwrap().rule, base().rule);
    assert_eq!(with(&["rule.plain={}"]).unwrap().rule, Rule::Plain(Plain {}));
    assert_eq!(with(&["start={ uniform = 1.0 }"]).unwrap().start, Start::Uniform(1.0));
    assert!(with(&["rule=plain", "rule=sgd"]).unwrap_err().contains("rule.sgd.momentum"));
    assert_eq!(with(&["extra.weight=1", "extra=none"]).unwrap(), base());
}

#[test]
fn every_fault_is_named_with_its_key_and_what_is_possible() {
    for (setting, message) in [
        ("units=0", "units: 0 is not in 1 to 8"),
        ("units=2.5", "units: 2.5 is not a whole number"),
        (
            "units=18446744073709551615",
            "units: 18446744073709551615 is beyond the largest whole number, 9223372036854775807",
        ),
        ("units=many", "units: \"many\" is not a whole number"),
        ("dropout=1.0", "dropout: 1 is not in [0, 1)"),
        ("dropout=1e300", "dropout: 1e300 is not in [0, 1)"),
        ("rate=0", "rate: 0 is not above 0"),
        ("rate=nan", "rate: NaN is not above 0"),
        ("rate=inf", "rate: inf is not above 0"),
        ("data=3", "data: 3 is not a text in quotes"),
        ("on=maybe", "on: \"maybe\" is not true or false"),
        ("start=ones", "start: \"ones\" is not one of zeros, uniform"),
        ("start=uniform", "start: \"uniform\" needs a value: { uniform = .. }"),
        ("start={ zeros = 1 }", "start: \"zeros\" is a word and takes no value"),
        ("start={ uniforn = 1.0 }", "start: \"uniforn\" is not one of zeros, uniform"),
        ("rule.adam.beta1=0.5", "rule: \"adam\" is not one of sgd, plain"),
        ("rule={ sgd = { momentum = 0.5 }, plain = {} }", "rule: plain and sgd are given; choose one"),
        ("rule.sgd.momentun=0.5", "there is no setting rule.sgd.momentun; did you mean rule.sgd.momentum?"),
        ("unit=3", "there is no setting unit; did you mean units?"),
        ("rul.sgd.momentum=0.5", "there is no setting rul.sgd.momentum; did you mean rule.sgd.momentum?"),
        ("extra=3", "extra: 3 is not a table of settings"),
        ("extra.interval=2", "extra.weight: this setting is not given"),
        ("extra.weight=-1", "extra.weight: -1 is not at least 0"),
    ] {
        assert_eq!(with(&[setting]).unwrap_err(), message, "{setting}");
    }
    assert!(assignment("nonsense").unwrap_err().reason.contains("key=value"));
    assert_eq!(parse("a = 1\nb = [\n").unwrap_err().key, "line 2");
}

#[test]
fn a_struct_is_checked_as_a_file_is() {
    assert!(check(&base()).is_ok());
    assert_eq!(check(&All { rate: f64::NAN, ..base() }).unwrap_err().key, "rate");
    let rule = Rule::Sgd(Sgd { momentum: 1.0 });
    assert_eq!(check(&All { rule, ..base() }).unwrap_err().key, "rule.sgd.momentum");
}

#[test]
fn help_has_a_line_a_setting() {
    let lines = lines(&node_of::<All>());
    let line = |key: &str| lines.iter().find(|line| line.key == key).unwrap();
    assert_eq!(line("units").help, "Units of the layer");
    assert_eq!(
        (line("units").values.as_str(), line("units").paper.as_deref()),
        ("a whole number in 1 to 8", Some("4"))
    );
    assert_eq!(line("dropout").values, "a number in [0, 1), or none");
    assert_eq!(line("dropout").help, "Share of units that is dropped (Srivastava et al. 2014)");
    assert_eq!(line("rule").values, "one of sgd, plain");
    assert_eq!(line("rule.sgd.momentum").help, "Momentum");
    assert_eq!(line("second_rule.sgd.momentum").help, "Momentum");
}

#[test]
fn the_document_allows_partial_tables_none_and_bare_kinds() {
    let schema = document::<All>(&[("extends", serde_json::json!({ "type": "string" }))]);
    assert!(schema.get("required").is_none());
    let properties = &schema["properties"];
    assert_eq!(properties["extends"]["type"], "string");
    assert_eq!(properties["dropout"]["anyOf"][1]["const"], "none");
    assert_eq!(properties["dropout"]["anyOf"][0]["exclusiveMaximum"], 1.0);
    assert_eq!(
        properties["dropout"]["description"],
        "Share of units that is dropped (Srivastava et al. 2014). Off in evaluation."
    );
    let kinds = properties["rule"]["oneOf"].as_array().unwrap();
    assert_eq!(kinds[0]["required"][0], "sgd");
    assert!(kinds.iter().any(|kind| kind["const"] == "plain"));
    assert!(kinds[0]["properties"]["sgd"].get("required").is_none());
    assert!(!schema.to_string().contains("null"));
}

#[test]
fn a_name_with_thousands_of_dots_is_refused_before_it_is_built() {
    let problem = settings::assignment(&format!("{}=1", "a.".repeat(60_000))).unwrap_err().to_string();
    assert!(problem.contains("dots") && problem.len() < 200, "{problem}");
}

#[test]
fn the_form_of_each_setting_is_known() {
    let node = node_of::<All>();
    assert!(matches!(node.field("data").unwrap().node, Node::Text));
    assert!(node.field("extra").unwrap().optional);
    assert!(node.field("rule").unwrap().node.kind("sgd").is_some());
}
