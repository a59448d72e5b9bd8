//! The JSON Schema of a settings file, with which editors complete and check it.

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use crate::merge::NONE;
use crate::schema::{may_be_empty, raw};

/// The schema of a file that holds some of `T`'s settings. Any table may be partial, since a file is laid over
/// other settings. An optional setting may also be the word `none`. `extra` are further keys of the root.
pub fn document<T: JsonSchema>(extra: &[(&str, Value)]) -> Value {
    let mut schema = raw::<T>();
    loosen(&mut schema);
    let root = schema.as_object_mut().expect("the schema of a struct");
    // A struct with flattened parts does not refuse other keys by itself.
    root.remove("unevaluatedProperties");
    root.insert("additionalProperties".to_owned(), Value::Bool(false));
    let properties = root.entry("properties").or_insert_with(|| Value::Object(Map::new()));
    for (key, value) in extra {
        properties[*key] = value.clone();
    }
    schema
}

/// Lets keys be left out, and replaces `null`, which TOML does not have, by the word `none`.
fn loosen(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else { return };
    // The one key of a kind names it, and stays.
    if map.get("properties").and_then(Value::as_object).is_some_and(|fields| !fields.is_empty()) {
        map.remove("required");
        for field in map["properties"].as_object_mut().into_iter().flat_map(Map::values_mut) {
            let may_be_empty = may_be_empty(field);
            loosen(field);
            optional(field, may_be_empty);
        }
    }
    for list in ["oneOf", "anyOf"] {
        let Some(parts) = map.get_mut(list).and_then(Value::as_array_mut) else { continue };
        let mut bare = Vec::new();
        for part in parts.iter_mut() {
            let required = part.get("required").cloned();
            loosen(part);
            if let (Some(required), "oneOf") = (required, list) {
                bare.extend(name_alone(part, &required));
                part["required"] = required;
            }
        }
        parts.extend(bare);
    }
}

/// The bare name of a kind with settings selects it with its defaults.
fn name_alone(part: &Value, required: &Value) -> Option<Value> {
    let name = required.get(0)?.as_str()?;
    (part["properties"][name]["type"] == "object").then(|| json!({ "type": "string", "const": name }))
}

/// Replaces `null` by the word `none`, and lets a table that may be empty be that word.
fn optional(field: &mut Value, may_be_empty: bool) {
    let names = field["type"].as_array().cloned().unwrap_or_default();
    let in_type = names.iter().any(|name| name == "null");
    let is_null = |part: &Value| part["type"] == "null";
    let in_parts = field["anyOf"].as_array().is_some_and(|parts| parts.iter().any(is_null));
    if in_type || may_be_empty {
        let name = names.iter().find(|name| *name != "null").cloned();
        let description = field["description"].take();
        let mut value = field.take();
        if let Some(name) = name {
            value["type"] = name;
        }
        let fields = value.as_object_mut().expect("a schema");
        fields.remove("description");
        fields.remove("default");
        *field = json!({ "description": description, "anyOf": [value, { "const": NONE }] });
    } else if in_parts {
        let parts = field["anyOf"].as_array_mut().expect("parts");
        parts.retain(|part| !is_null(part));
        parts.push(json!({ "const": NONE }));
        field.as_object_mut().expect("a schema").remove("default");
    }
}
