//! The last touches on the API's description: what holds for every operation is said of every operation, in one place.

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi as Description;

/// The description with ids that are unique, with the answers that any operation may give, and with ids as plain text.
#[must_use]
pub fn complete(description: &Description) -> Value {
    let mut value = serde_json::to_value(description).unwrap_or_else(|error| {
        tracing::error!(%error, "the API cannot be described");
        Value::Null
    });
    operations(&mut value);
    plain_ids(&mut value);
    value
}

fn operations(description: &mut Value) {
    let Some(paths) = description.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, item) in paths.iter_mut().filter_map(|(path, item)| Some((path.clone(), item.as_object_mut()?))) {
        for (method, operation) in item.iter_mut().filter_map(|(method, operation)| Some((method.clone(), operation.as_object_mut()?))) {
            unique_id(&path, operation);
            answers(&method, operation);
            key_of_writes(&method, operation);
        }
    }
}

/// `approve` of the claims is `claims_approve`, the list of an instrument's slots `instruments_slots_list`: handlers of several nouns have
/// the same name.
fn unique_id(path: &str, operation: &mut Map<String, Value>) {
    let Some(handler) = operation.get("operationId").and_then(Value::as_str).map(str::to_owned) else { return };
    let mut parts: Vec<String> =
        path.trim_start_matches("/api/v1/").split('/').filter(|part| !part.starts_with('{')).map(|part| part.replace('-', "_")).collect();
    if parts.last() != Some(&handler) {
        parts.push(handler);
    }
    operation.insert("operationId".to_owned(), parts.join("_").into());
}

fn answers(method: &str, operation: &mut Map<String, Value>) {
    let mut common = vec!["429", "503"];
    if method != "get" {
        // The last two for its `Idempotency-Key`: one that is none, or that of another body.
        common.extend(["401", "403", "409", "422"]);
    }
    if operation.contains_key("requestBody") {
        common.extend(["400", "413", "415"]);
    }
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    for status in common {
        let problem = json!({ "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } });
        responses.entry(status).or_insert(problem);
    }
    for (status, response) in responses.iter_mut().filter_map(|(status, response)| Some((status.as_str(), response.as_object_mut()?))) {
        // The standard wants one of each answer.
        response.entry("description").or_insert_with(|| meaning(status).into());
    }
}

fn meaning(status: &str) -> &'static str {
    match status {
        "200" => "Done",
        "201" => "Made",
        "204" => "Done, nothing to say",
        "400" => "Broken JSON or HTTP",
        "401" => "Nobody is signed in, or the token is wrong",
        "403" => "The role does not allow it",
        "404" => "There is no such thing, or not for this caller",
        "409" => "The state of the thing does not allow it, or somebody else was first",
        "413" => "Too large",
        "415" => "Another content type is wanted",
        "422" => "Refused, with every violation",
        "429" => "Too many requests; `Retry-After` says when to come again",
        "503" => "The database is away; `Retry-After` says when to come again",
        _ => "",
    }
}

/// Every write takes a key under which its first answer is given again.
fn key_of_writes(method: &str, operation: &mut Map<String, Value>) {
    if method == "get" {
        return;
    }
    let key = json!({
        "name": "Idempotency-Key", "in": "header", "required": false, "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
        "description": "The same key and body give the first answer again for 24 hours",
    });
    if let Some(parameters) = operation.entry("parameters").or_insert_with(|| json!([])).as_array_mut() {
        parameters.retain(|parameter| parameter["name"] != "Idempotency-Key");
        parameters.push(key);
    }
}

/// Ids are a type of their own in the code and plain text outside.
fn plain_ids(value: &mut Value) {
    const NAME: &str = "#/components/schemas/String";
    match value {
        Value::Object(map) if map.get("$ref").is_some_and(|name| name == NAME) => {
            map.remove("$ref");
            map.insert("type".to_owned(), "string".into());
        }
        Value::Object(map) => {
            if let Some(schemas) = map.get_mut("schemas").and_then(Value::as_object_mut) {
                schemas.remove("String");
            }
            map.values_mut().for_each(plain_ids);
        }
        Value::Array(items) => items.iter_mut().for_each(plain_ids),
        _ => {}
    }
}
