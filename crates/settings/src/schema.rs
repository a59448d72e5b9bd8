//! A JSON Schema, reduced to what settings need: tables, kinds, words, numbers, texts and flags.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// What a setting, or a table of settings, may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A struct: a table with these keys and no others.
    Table(Vec<Field>),
    /// An enum: exactly one of these, as a word or as a table with one key.
    Kinds(Vec<Kind>),
    /// A number.
    Number {
        /// Whether it is whole.
        integer: bool,
        /// The smallest value.
        low: Option<Bound>,
        /// The largest value.
        high: Option<Bound>,
    },
    /// A string.
    Text,
    /// `true` or `false`.
    Flag,
}

/// An end of a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// The value.
    pub value: f64,
    /// Whether the value itself is outside the range.
    pub exclusive: bool,
}

/// A key of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The key.
    pub name: String,
    /// What it may be.
    pub node: Node,
    /// Whether it may be absent without a default: an `Option`.
    pub optional: bool,
    /// What it is where it is absent, if it has a default.
    pub default: Option<Value>,
    /// The doc comment, as one paragraph.
    pub help: String,
    /// The paper's value; `open..` where the paper leaves it open, `none` where the paper does not have it.
    pub paper: Option<String>,
    /// Its unit, where it may be needed: see [`scale`](crate::scale).
    pub unit: Option<String>,
}

/// A variant of an enum.
#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    /// The word that selects it.
    pub name: String,
    /// Its own settings, or value; `None` for a bare word.
    pub node: Option<Node>,
    /// The doc comment, as one paragraph.
    pub help: String,
}

impl Node {
    /// The field `name` of a table.
    pub fn field(&self, name: &str) -> Option<&Field> {
        match self {
            Node::Table(fields) => fields.iter().find(|field| field.name == name),
            _ => None,
        }
    }

    /// The kind `name` of an enum.
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        match self {
            Node::Kinds(kinds) => kinds.iter().find(|kind| kind.name == name),
            _ => None,
        }
    }
}

/// The JSON Schema of `T` with all parts in place, without references.
pub(crate) fn raw<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// What a value of type `T` may be.
///
/// # Panics
/// If `T` has a part that is none of [`Node`]'s forms: a fault of the type, which any test that uses it shows.
pub fn node_of<T: JsonSchema>() -> Node {
    node(&raw::<T>())
}

fn node(schema: &Value) -> Node {
    if let Some(properties) = schema["properties"].as_object() {
        let required = |name: &String| {
            schema["required"].as_array().is_some_and(|names| names.iter().any(|n| n == name.as_str()))
        };
        let fields = properties.iter().map(|(name, schema)| field(name, schema, required(name)));
        return Node::Table(fields.collect());
    }
    if let Some(parts) = schema["oneOf"].as_array() {
        return Node::Kinds(parts.iter().flat_map(kinds).collect());
    }
    if schema["enum"].is_array() || schema["const"].is_string() {
        return Node::Kinds(kinds(schema));
    }
    if let Some(parts) = schema["anyOf"].as_array() {
        let present: Vec<&Value> = parts.iter().filter(|part| part["type"] != "null").collect();
        if let [one] = present[..] {
            return node(one);
        }
    }
    match name_of_type(schema) {
        Some(kind @ ("integer" | "number")) => Node::Number {
            integer: kind == "integer",
            low: bound(schema, "minimum", "exclusiveMinimum"),
            high: bound(schema, "maximum", "exclusiveMaximum"),
        },
        Some("string") => Node::Text,
        Some("boolean") => Node::Flag,
        // A struct without fields: an empty table.
        Some("object") => Node::Table(Vec::new()),
        _ => panic!("a setting of a form that `settings` does not know: {schema}"),
    }
}

/// The schema's type, `null` aside.
fn name_of_type(schema: &Value) -> Option<&str> {
    match &schema["type"] {
        Value::String(name) => Some(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        _ => None,
    }
}

fn bound(schema: &Value, inclusive: &str, exclusive: &str) -> Option<Bound> {
    let exclusive = schema[exclusive].as_f64().map(|value| Bound { value, exclusive: true });
    exclusive.or_else(|| schema[inclusive].as_f64().map(|value| Bound { value, exclusive: false }))
}

fn nullable(schema: &Value) -> bool {
    let is_null = |value: &Value| value == "null";
    schema["type"].as_array().is_some_and(|names| names.iter().any(is_null))
        || schema["anyOf"].as_array().is_some_and(|parts| parts.iter().any(|part| part["type"] == "null"))
}

/// Whether it is a table of which every setting is optional: `none` then takes all of them away.
pub(crate) fn may_be_empty(schema: &Value) -> bool {
    schema["properties"].as_object().is_some_and(|fields| !fields.is_empty() && fields.values().all(nullable))
}

fn field(name: &str, schema: &Value, required: bool) -> Field {
    let optional = !required && (nullable(schema) || may_be_empty(schema));
    Field {
        name: name.to_owned(),
        node: node(schema),
        optional,
        default: (!required && !optional).then(|| schema["default"].clone()),
        help: paragraph(schema),
        paper: schema["paper"].as_str().map(str::to_owned),
        unit: schema["unit"].as_str().map(str::to_owned),
    }
}

/// The kinds that one part of an enum's schema stands for.
fn kinds(part: &Value) -> Vec<Kind> {
    let word = |name: &Value| Kind {
        name: name.as_str().expect("a variant has a name").to_owned(),
        node: None,
        help: paragraph(part),
    };
    if let Some(names) = part["enum"].as_array() {
        return names.iter().map(word).collect();
    }
    if part["const"].is_string() {
        return vec![word(&part["const"])];
    }
    let properties = part["properties"].as_object().expect("a variant with content is a table with its name");
    let content = |(name, schema): (&String, &Value)| {
        let own = paragraph(part);
        let help = if own.is_empty() { paragraph(schema) } else { own };
        Kind { name: name.clone(), node: Some(node(schema)), help }
    };
    properties.iter().map(content).collect()
}

/// The doc comment with its line ends folded.
fn paragraph(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}
