//! A clinic: days, times, names, phone numbers.

use serde_json::json;

use super::{and_then, answered, calls, said, text, tool, user};
use crate::model::ModelRequest;

fn clinic(text_of_visitor: &str) -> ModelRequest {
    ModelRequest {
        knowledge: "Parking: Behind the house.\n\nPrescriptions: Call us before noon.".to_owned(),
        person: vec![("name".to_owned(), "Ana Silva".to_owned()), ("email".to_owned(), "ana@a.example".to_owned())],
        messages: vec![user(text_of_visitor)],
        tools: vec![
            tool(
                "book_appointment",
                "Book an appointment. With one of our doctors.",
                &[
                    ("date", text("Date")),
                    ("doctor", text("Doctor")),
                    ("reason?", text("Reason")),
                    ("phone?", text("Phone number: for a reminder")),
                ],
            ),
            tool(
                "reschedule_appointment",
                "Reschedule an appointment.",
                &[
                    ("appointment_id", text("Appointment number, such as AP55")),
                    ("new_date", text("New date")),
                    ("new_time", text("New time")),
                ],
            ),
            tool("free_slots", "Free slots. When a doctor has time.", &[("doctor", text("Doctor"))]),
            tool(
                "send_invoice",
                "Send an invoice. By mail.",
                &[("email", json!({ "type": "string", "format": "email" }))],
            ),
        ],
        ..ModelRequest::default()
    }
}

#[test]
fn days_times_and_names_are_found() {
    for (question, arguments) in [
        ("Book an appointment on 3 March 2027 with Dr. Lee", json!({ "date": "2027-03-03", "doctor": "Dr. Lee" })),
        (
            "Could you book an appointment with Dr Lee for tomorrow at 10:30?",
            json!({ "date": "tomorrow 10:30", "doctor": "Dr Lee" }),
        ),
        ("I need an appointment next Friday with Dr Lee", json!({ "date": "next Friday", "doctor": "Dr Lee" })),
        (
            "Please schedule an appointment with Dr Lee on 2027-03-03, my phone is +44 20 7946 0000",
            json!({ "date": "2027-03-03", "doctor": "Dr Lee", "phone": "+44 20 7946 0000" }),
        ),
        (
            "Book an appointment with Dr Lee on Monday, reason: a sore knee",
            json!({ "date": "Monday", "doctor": "Dr Lee", "reason": "a sore knee" }),
        ),
    ] {
        assert_eq!(calls(&clinic(question)), [("book_appointment".into(), arguments)], "{question}");
    }
}

#[test]
fn what_is_missing_is_asked_for_and_any_answer_is_a_name() {
    let request = clinic("I'd like to book an appointment");
    assert_eq!(said(&request), "What is the date? I need it to book an appointment.");
    let request = and_then(&request, "on the 3rd of March 2027");
    assert_eq!(said(&request), "What is the doctor? I need it to book an appointment.");
    let request = and_then(&request, "With Dr Ana Moreira, please");
    let arguments = json!({ "date": "2027-03-03", "doctor": "Dr Ana Moreira" });
    assert_eq!(calls(&request), [("book_appointment".into(), arguments)]);
    let request = answered(&request, &[json!({ "error": "doctor is not valid: nobody has that name." })]);
    assert!(said(&request).ends_with("What is the doctor? I need it to book an appointment."));
    let again = calls(&and_then(&request, "Dr Lee"));
    assert_eq!(again, [("book_appointment".into(), json!({ "date": "2027-03-03", "doctor": "Dr Lee" }))]);
}

#[test]
fn a_day_and_a_time_go_where_each_belongs() {
    let arguments = json!({ "appointment_id": "AP55", "new_date": "2027-03-04", "new_time": "4 pm" });
    for question in ["Move my appointment AP55 to 4 March 2027 at 4 pm", "please reschedule ap55 to 2027-03-04, 4 pm"] {
        assert_eq!(calls(&clinic(question)), [("reschedule_appointment".into(), arguments.clone())], "{question}");
    }
}

#[test]
fn the_visitors_own_address_is_known_when_they_say_my() {
    assert_eq!(
        calls(&clinic("Send my invoice to my email")),
        [("send_invoice".into(), json!({ "email": "ana@a.example" }))]
    );
    let request = clinic("Send the invoice");
    assert_eq!(said(&request), "What is the email? I need it to send an invoice.");
    assert_eq!(calls(&and_then(&request, "bob@b.example"))[0].1, json!({ "email": "bob@b.example" }));
}

#[test]
fn what_is_only_asked_about_is_not_booked() {
    assert_eq!(calls(&clinic("Which free slots does the doctor have? I mean doctor: Lee"))[0].0, "free_slots");
    assert!(said(&clinic("Where can I park?")).starts_with("Behind the house"));
    for question in ["Is my appointment booked?", "How do I book an appointment?", "Never book an appointment for me"] {
        let events = super::answer(&clinic(question));
        assert!(!format!("{events:?}").contains("book_appointment"), "{question}: {events:?}");
    }
}
