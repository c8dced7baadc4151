//! The description of the API: everything that the contract promises is in it, nothing that waits for an issue is, and its shape changes only
//! on purpose (the snapshot).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::support::TestApp;

/// What programs may rely on, by path.
const PROMISED: &[(&str, &str)] = &[
    ("/instruments", "get post"),
    ("/instruments/{id}", "get patch"),
    ("/instruments/{id}/publish", "post"),
    ("/instruments/{id}/suspend", "post"),
    ("/instruments/{id}/retire", "post"),
    ("/instruments/{id}/prices", "put"),
    ("/instruments/{id}/opening-hours", "put"),
    ("/instruments/{id}/policy", "put"),
    ("/instruments/{id}/slots", "get post"),
    ("/instruments/{id}/slots/{slot_id}", "delete"),
    ("/instruments/{id}/availability", "get"),
    ("/instruments/{id}/usage", "get post"),
    ("/usage/{id}/void", "post"),
    ("/quotes", "post"),
    ("/bookings", "get post"),
    ("/bookings/{id}", "get"),
    ("/bookings/{id}/approve", "post"),
    ("/bookings/{id}/decline", "post"),
    ("/bookings/{id}/cancel", "post"),
    ("/bookings/{id}/check-in", "post"),
    ("/bookings/{id}/check-out", "post"),
    ("/bookings/{id}/undo-no-show", "post"),
    ("/bookings/{id}/statement", "post"),
    ("/bookings/{id}/confirm", "post"),
    ("/bookings/{id}/dispute", "post"),
    ("/programmes/{year}", "get put"),
    ("/vouchers", "get"),
    ("/vouchers/ledger", "get"),
    ("/vouchers/return", "post"),
    ("/voucher-applications", "get post"),
    ("/voucher-applications/{id}/approve", "post"),
    ("/voucher-applications/{id}/reject", "post"),
    ("/files", "post"),
    ("/files/{id}", "get"),
    ("/claims", "get post"),
    ("/claims/{id}", "get patch"),
    ("/claims/{id}/withdraw", "post"),
    ("/claims/{id}/approve", "post"),
    ("/claims/{id}/reject", "post"),
    ("/claims/{id}/send-back", "post"),
    ("/claims/{id}/pay", "post"),
    ("/claims/{id}/claw-back", "post"),
    ("/openness/instruments/{id}", "get"),
    ("/openness/institutions/{uscc}", "get"),
    ("/openness/city", "get"),
];

/// What waits for an issue is absent, not half there.
const ABSENT: &[&str] = &["reschedule", "/openness/reports", "/calendar/"];

async fn description() -> Value {
    TestApp::new().await.get("/api/openapi.json", "").await.expect(200)
}

/// Path, method and operation.
fn operations(description: &Value) -> Vec<(String, String, Map<String, Value>)> {
    let paths = description["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| item.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation)));
    all.map(|(path, method, operation)| (path.clone(), method.clone(), operation.as_object().unwrap().clone())).collect()
}

#[tokio::test]
async fn what_the_contract_promises_is_described() {
    let description = description().await;
    let there: BTreeSet<_> = operations(&description).into_iter().map(|(path, method, _)| format!("{method} {path}")).collect();
    let promised: BTreeSet<_> = PROMISED.iter().flat_map(|(path, methods)| methods.split(' ').map(move |method| format!("{method} /api/v1{path}"))).collect();
    let missing: Vec<_> = promised.difference(&there).collect();
    assert!(missing.is_empty(), "not described: {missing:#?}");
    let waiting: Vec<_> = there.iter().filter(|path| ABSENT.iter().any(|absent| path.contains(absent))).collect();
    assert!(waiting.is_empty(), "half there: {waiting:#?}");
}

#[tokio::test]
async fn every_operation_says_what_it_does_who_may_and_what_can_go_wrong() {
    let description = description().await;
    let (mut wrong, mut ids) = (Vec::new(), BTreeSet::new());
    for (path, method, operation) in operations(&description) {
        let name = format!("{method} {path}");
        if operation.get("summary").or_else(|| operation.get("description")).and_then(Value::as_str).is_none_or(str::is_empty) {
            wrong.push(format!("{name} does not say what it does"));
        }
        if operation.get("tags").and_then(Value::as_array).is_none_or(|tags| tags.len() != 1) {
            wrong.push(format!("{name} has not exactly one tag"));
        }
        if !ids.insert(operation["operationId"].to_string()) {
            wrong.push(format!("{name} has an id that another has"));
        }
        let responses = operation["responses"].as_object().unwrap();
        for (status, response) in responses {
            if response["description"].as_str().is_none_or(str::is_empty) {
                wrong.push(format!("{name}: {status} says nothing"));
            }
        }
        if (method != "get") != operation["parameters"].to_string().contains("Idempotency-Key") {
            wrong.push(format!("{name}: every write takes a key, and nothing else does"));
        }
        if !responses.keys().any(|status| status.starts_with('2')) {
            wrong.push(format!("{name} has no good answer"));
        }
        for (status, response) in responses.iter().filter(|(status, _)| status.starts_with('4')) {
            if response["content"]["application/problem+json"].is_null() {
                wrong.push(format!("{name}: {status} is no problem+json"));
            }
        }
        let named: BTreeSet<_> = path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap().to_owned()).collect();
        let parameters = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
        let told: BTreeSet<_> = parameters.iter().filter(|p| p["in"] == "path").map(|p| p["name"].as_str().unwrap().to_owned()).collect();
        if named != told {
            wrong.push(format!("{name}: parameters {named:?} are described as {told:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_route_of_the_api_is_never_added_without_its_description() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api");
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(entry.path()).unwrap();
            assert!(!source.contains(".route("), "{}: use routes!()", entry.path().display());
        }
    }
}

/// Two bodies or views of one name would be described as one: then they must be the same.
#[test]
fn no_two_shapes_of_the_api_share_a_name() {
    fn walk(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                walk(&entry.path(), found);
            } else {
                found.push(std::fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    let mut sources = Vec::new();
    walk(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api"), &mut sources);
    let mut shapes = std::collections::BTreeMap::<String, BTreeSet<String>>::new();
    for source in &sources {
        for (at, _) in source.match_indices("struct ") {
            let rest = &source[at + "struct ".len()..];
            let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
            let Some(body) = rest.split_once('{').map(|(_, body)| body.split('}').next().unwrap_or_default()) else { continue };
            let plain = body.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect::<String>().replace("pub ", "");
            shapes.entry(name).or_default().insert(plain);
        }
    }
    let several: Vec<_> =
        shapes.into_iter().filter(|(name, shapes)| shapes.len() > 1 && name.ends_with(|c: char| c.is_ascii_alphabetic())).map(|(name, _)| name).collect();
    assert!(several.is_empty(), "{several:?}");
}

/// A schema in a few words: `string`, `[Segment]`, `Id|null`.
fn shape(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str() {
        return name.rsplit('/').next().unwrap().to_owned();
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(items) = schema[several].as_array() {
            return items.iter().map(shape).collect::<Vec<_>>().join("|");
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned)).collect::<Vec<_>>().join("/");
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("[{}]", shape(&schema["items"])),
        Value::String(kind) if kind == "object" && schema["properties"].is_object() => fields(schema),
        Value::String(kind) => schema["format"].as_str().map_or_else(|| kind.clone(), |format| format!("{kind}:{format}")),
        Value::Array(kinds) => kinds.iter().map(|kind| kind.as_str().unwrap_or("?").to_owned()).collect::<Vec<_>>().join("|"),
        _ => "any".to_owned(),
    }
}

fn fields(schema: &Value) -> String {
    let required: Vec<&str> = schema["required"].as_array().map(|names| names.iter().filter_map(Value::as_str).collect()).unwrap_or_default();
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let field = |(name, schema): (&String, &Value)| format!("{name}{} {}", if required.contains(&name.as_str()) { "" } else { "?" }, shape(schema));
    let sorted: std::collections::BTreeMap<_, _> = properties.iter().collect();
    format!("{{ {} }}", sorted.into_iter().map(field).collect::<Vec<_>>().join(", "))
}

#[tokio::test]
async fn the_shape_of_the_api_changes_only_on_purpose() {
    let description = description().await;
    let mut text = String::new();
    for (path, method, operation) in operations(&description) {
        let parameters = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
        let query: Vec<_> = parameters.iter().filter(|p| p["in"] == "query").map(|p| p["name"].as_str().unwrap()).collect();
        let body = operation.get("requestBody").and_then(|body| body["content"].as_object()).and_then(|kinds| kinds.iter().next());
        let body = body.map(|(_, content)| shape(&content["schema"])).unwrap_or_default();
        let responses = operation["responses"].as_object().unwrap();
        let sorted: std::collections::BTreeMap<_, _> = responses.iter().collect();
        let answers: Vec<_> = sorted
            .into_iter()
            .map(|(status, response)| match response["content"]["application/json"]["schema"] {
                Value::Null => status.clone(),
                ref schema => format!("{status} {}", shape(schema)),
            })
            .collect();
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        let _ = writeln!(text, "{} {path}{query} ({body}) -> {}", method.to_uppercase(), answers.join(", "));
    }
    text.push('\n');
    for (name, schema) in description["components"]["schemas"].as_object().unwrap() {
        let shape = if schema["properties"].is_object() { fields(schema) } else { shape(schema) };
        let _ = writeln!(text, "{name} = {shape}");
    }
    insta::assert_snapshot!("shape", text);
}
