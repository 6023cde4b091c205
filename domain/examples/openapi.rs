//! Writes the description of the admin API (`OpenAPI` 3.1) to standard output.

fn main() -> Result<(), serde_json::Error> {
    println!("{}", serde_json::to_string_pretty(&domain::openapi::document()?)?);
    Ok(())
}
