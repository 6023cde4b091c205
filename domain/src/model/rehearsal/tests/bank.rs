//! A bank: amounts, accounts, choices, two numbers that only a preposition tells apart.

use serde_json::{Value, json};

use super::{and_then, answered, calls, said, text, tool, user};
use crate::model::ModelRequest;

fn number(description: &str) -> Value {
    json!({ "type": "number", "description": description })
}

fn bank(text_of_visitor: &str) -> ModelRequest {
    ModelRequest {
        knowledge: "Fees: Transfers inside the country are free.\n\nCards: A lost card is replaced within 5 days."
            .to_owned(),
        messages: vec![user(text_of_visitor)],
        tools: vec![
            tool(
                "get_balance",
                "Account balance. How much money is on an account.",
                &[("account_id", text("Account"))],
            ),
            tool(
                "transfer_money",
                "Transfer money. Between accounts or to somebody else.",
                &[
                    ("from_account", text("From account: its number, such as ACC-12")),
                    ("to_account", text("To account: its number, such as ACC-12")),
                    ("amount", number("Amount")),
                    ("note?", text("Note: what the other side reads")),
                ],
            ),
            tool(
                "block_card",
                "Block a card. At once, for good.",
                &[
                    (
                        "card",
                        json!({ "type": "string", "description":
                            "Card (deb is Debit card, cre is Credit card)", "enum": ["deb", "cre"] }),
                    ),
                    ("reason?", text("Reason")),
                ],
            ),
            tool(
                "set_limit",
                "Change the daily limit. Of a card.",
                &[("limit", number("Daily limit")), ("email?", json!({ "type": "string", "format": "email" }))],
            ),
            tool("exchange_rates", "Exchange rates. Today's rates of all currencies.", &[]),
        ],
        ..ModelRequest::default()
    }
}

#[test]
fn prepositions_tell_two_accounts_apart() {
    let arguments = json!({ "from_account": "ACC-1", "to_account": "ACC-2", "amount": 50 });
    for question in [
        "Transfer 50 euros from ACC-1 to ACC-2",
        "Please send €50 to ACC-2 from account ACC-1",
        "I'd like to transfer 50 from my account ACC-1 to account number ACC-2, please",
    ] {
        assert_eq!(calls(&bank(question)), [("transfer_money".into(), arguments.clone())], "{question}");
    }
    let arguments = json!({ "from_account": "ACC-1", "to_account": "ACC-2", "amount": 1250.5, "note": "rent May" });
    let request = bank("Transfer $1,250.50 from ACC-1 to ACC-2, note: rent May");
    assert_eq!(calls(&request), [("transfer_money".into(), arguments)]);
}

#[test]
fn each_missing_value_is_asked_for() {
    let request = bank("Transfer 50 euros to ACC-2");
    assert_eq!(said(&request), "Which from account is it (its number, such as ACC-12)? I need it to transfer money.");
    let arguments = json!({ "from_account": "ACC-1", "to_account": "ACC-2", "amount": 50 });
    assert_eq!(calls(&and_then(&request, "ACC-1")), [("transfer_money".into(), arguments)]);
    let request = bank("Transfer money from ACC-1 to ACC-2");
    assert_eq!(said(&request), "What is the amount? I need it to transfer money.");
    let arguments = json!({ "from_account": "ACC-1", "to_account": "ACC-2", "amount": 75 });
    assert_eq!(calls(&and_then(&request, "75 euros")), [("transfer_money".into(), arguments)]);
}

#[test]
fn a_choice_is_told_by_its_label() {
    assert_eq!(calls(&bank("Block my credit card")), [("block_card".into(), json!({ "card": "cre" }))]);
    let request = bank("Please freeze my card");
    assert_eq!(said(&request), "Which card? You can choose: Debit card, Credit card. I need it to block a card.");
    assert_eq!(calls(&and_then(&request, "the debit card")), [("block_card".into(), json!({ "card": "deb" }))]);
}

#[test]
fn a_tool_that_takes_nothing_is_called_for_its_words() {
    assert_eq!(calls(&bank("What are the exchange rates today?")), [("exchange_rates".into(), json!({}))]);
    assert_eq!(calls(&bank("Set the daily limit to 500")), [("set_limit".into(), json!({ "limit": 500 }))]);
    assert_eq!(
        calls(&bank("What's the balance of account 12345?")),
        [("get_balance".into(), json!({ "account_id": "12345" }))]
    );
    let two = bank("What is the balance of account 12345 and what are the exchange rates?");
    assert_eq!(calls(&two).len(), 2);
    let rates = json!([{ "code": "USD", "rate": 1.08 }, { "code": "GBP", "rate": 0.85 }]);
    let rates = json!({ "status": "done", "result": { "rates": rates } });
    let text = said(&answered(&bank("exchange rates"), &[rates]));
    assert_eq!(text, "Rates:\n\n- **USD**: rate 1.08\n- **GBP**: rate 0.85");
}

#[test]
fn other_questions_call_nothing() {
    assert!(said(&bank("Are transfers free?")).starts_with("Transfers inside"));
    assert!(said(&bank("I lost my card, how long does a new one take?")).starts_with("A lost card"));
    for question in ["Who is your director?", "Transfer history", "Do not block my credit card", "Was my card blocked?"]
    {
        said(&bank(question));
    }
}
