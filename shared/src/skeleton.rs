//! The frame page as the edge renders it and the widget finds it: ids of elements and keys of texts.
//!
//! The edge renders static HTML; the widget binds to it by these ids. Texts of the page stand in the HTML; texts that
//! the widget needs later stand in a JSON data block under [`TEXTS`], so no language is in the WebAssembly.

/// Attribute names on `<body>`.
pub mod attribute {
    /// The agent's id.
    pub const AGENT: &str = "data-agent";
    /// The host page's origins that may talk to the widget, separated by spaces.
    pub const ORIGINS: &str = "data-origins";
    /// Where the module of rare things lies.
    pub const MORE: &str = "data-more";
}

/// The `<script type="application/json">` with the texts of [`text`].
pub const TEXTS: &str = "texts";

/// Ids of the page's elements that the WebAssembly knows; those of dialogs are in `widget/more`. They are stable: black-box tests find the page by them.
pub mod id {
    /// The transcript, `role=log`: messages, answers, notes and the slot of each card, in order.
    pub const LOG: &str = "log";
    /// What scrolls: greeting, transcript and progress.
    pub const SCROLL: &str = "scroll";
    /// The greeting and the suggested questions; hidden once something was said.
    pub const WELCOME: &str = "welcome";
    /// The line that says what the agent is doing; empty when it does nothing.
    pub const PROGRESS: &str = "progress";
    /// The button that says that there is something new below.
    pub const NEWER: &str = "newer";
    /// The text field.
    pub const COMPOSER: &str = "composer";
    /// The button that sends the message.
    pub const SEND: &str = "send";
    /// The button that stops the answer; shown while the agent is busy.
    pub const STOP: &str = "stop";
    /// The conversation's state; its `data-state` is `unidentified`, `pending` or `authenticated`.
    pub const STATE: &str = "state";
    /// The state in words.
    pub const STATE_TEXT: &str = "state-text";
    /// The button that opens the account's menu; shown to a person.
    pub const ACCOUNT: &str = "account";
    /// Who is signed in, in the menu.
    pub const ACCOUNT_LABEL: &str = "account-label";
    /// The account's menu, a popover.
    pub const ACCOUNT_MENU: &str = "account-menu";
    /// The button that signs out here.
    pub const SIGN_OUT: &str = "signout";
    /// The button that signs out on every device.
    pub const SIGN_OUT_ALL: &str = "signout-all";
    /// The line that says that the connection is gone.
    pub const BANNER: &str = "banner";
    /// The button that closes the chat; shown where the host page draws it as an overlay.
    pub const CLOSE: &str = "close";
    /// The open login card. It stands in its slot in the transcript, or hidden at the page's end when none is open.
    pub const CARD: &str = "card";
    /// The card's title.
    pub const CARD_TITLE: &str = "card-title";
    /// The line under the card's title.
    pub const CARD_SUBTITLE: &str = "card-subtitle";
    /// The form that asks for the address.
    pub const CARD_ADDRESS: &str = "card-address";
    /// The label and field for the address; hidden where the address is known.
    pub const CARD_TYPED: &str = "card-typed";
    /// Where a code will go, when that is known and cannot be changed.
    pub const CARD_TO: &str = "card-to";
    /// The field for the address, the phone number, or what is looked up.
    pub const CARD_EMAIL: &str = "card-email";
    /// The button that asks for a code.
    pub const CARD_SEND: &str = "card-send";
    /// The form that asks for the code.
    pub const CARD_PROOF: &str = "card-proof";
    /// The label of the field for the address.
    pub const CARD_LABEL: &str = "card-label";
    /// The label of the field for the code.
    pub const CARD_CODE_LABEL: &str = "card-code-label";
    /// The button that has the code sent by another channel.
    pub const CARD_CHANNEL: &str = "card-channel";
    /// Where the button of the way that comes first stands, if that way is Google or a passkey.
    pub const CARD_FIRST: &str = "card-first";
    /// Where those buttons stand otherwise.
    pub const CARD_LAST: &str = "card-last";
    /// The button that signs in with Google in another window.
    pub const CARD_GOOGLE: &str = "card-google";
    /// The button that signs in with a passkey.
    pub const CARD_PASSKEY: &str = "card-passkey";
    /// Where the code went.
    pub const CARD_SENT: &str = "card-sent";
    /// The button that goes back to the address.
    pub const CARD_CHANGE: &str = "card-change";
    /// The field for the code.
    pub const CARD_CODE: &str = "card-code";
    /// The word that the mail says too.
    pub const CARD_REFERENCE: &str = "card-reference";
    /// The button that checks the code.
    pub const CARD_VERIFY: &str = "card-verify";
    /// The button that asks for another code.
    pub const CARD_RESEND: &str = "card-resend";
    /// The form of a login action, or of its next step; its fields are made by the widget.
    pub const CARD_FORM: &str = "card-form";
    /// Where the fields of that form go.
    pub const CARD_FIELDS: &str = "card-fields";
    /// The button that sends that form.
    pub const CARD_SUBMIT: &str = "card-submit";
    /// Where the buttons go that choose another way to sign in.
    pub const CARD_WAYS: &str = "card-ways";
    /// What went wrong and what to do, `role=alert`.
    pub const CARD_ERROR: &str = "card-error";
    /// The button that closes the card.
    pub const CARD_CANCEL: &str = "card-cancel";
    /// The preload of the WebAssembly; `widget.js` takes its address from here.
    pub const WASM: &str = "wasm";
}

/// Class names that carry meaning between page and widget; all others are for looks alone.
pub mod class {
    /// A suggested question, a button; its text is what is sent.
    pub const SUGGEST: &str = "cs-suggest";
    /// A line of the transcript that nobody said.
    pub const NOTE: &str = "cs-note";
    /// What the visitor wrote. Its element's id is `m-` and the message's id.
    pub const MINE: &str = "cs-mine";
    /// An answer. Its blocks are in the element whose id is `a-` and the answer's number.
    pub const ANSWER: &str = "cs-answer";
    /// Where a card stands in the transcript. Its id is `c-` and the card's id.
    pub const SLOT: &str = "cs-slot";
    /// A confirmation. Its id is `f-` and the confirmation's id.
    pub const CONFIRM: &str = "cs-confirm";
    /// The button of a confirmation that says yes.
    pub const YES: &str = "cs-yes";
    /// The button of a confirmation that says no.
    pub const NO: &str = "cs-no";
    /// The button that shows another way to sign in. Its `data-way` is the way's number.
    pub const WAY: &str = "cs-way";
    /// The button that shows and hides the password before it.
    pub const PEEK: &str = "cs-peek";
    /// The button that asks for the answer again after an interruption.
    pub const RETRY: &str = "cs-retry";
    /// The button that sends a refused message again.
    pub const AGAIN: &str = "cs-again";
}

macro_rules! texts {
    ($($name:ident = $key:literal;)*) => {
        /// Keys of the texts that the widget needs. The words are in the language's file, `texts.en.json` for English.
        pub mod text {
            $(#[doc = concat!("`", $key, "`")] pub const $name: &str = $key;)*

            /// Every key, for the test that no language lacks one.
            pub const ALL: &[&str] = &[$($key),*];
        }
    };
}

texts! {
    STATE_UNIDENTIFIED = "state_unidentified";
    STATE_PENDING = "state_pending";
    STATE_AUTHENTICATED = "state_authenticated";
    STATE_AS = "state_as";
    THINKING = "thinking";
    LOADING = "loading";
    AND = "and";
    LOADED = "loaded";
    LOADED_ONE = "loaded_one";
    LOADED_NONE = "loaded_none";
    NOT_LOADED = "not_loaded";
    YOU = "you";
    AGENT = "agent";
    SENDING = "sending";
    QUEUED = "queued";
    NOT_SENT = "not_sent";
    STOPPED = "stopped";
    FAILED = "failed";
    RESTARTED = "restarted";
    TOO_MANY_ROUNDS = "too_many_rounds";
    PARTIAL = "partial";
    RETRY = "retry";
    SIGNED_OUT = "signed_out";
    OFFLINE = "offline";
    RECONNECTING = "reconnecting";
    QUEUE_FULL = "queue_full";
    SENDING_CODE = "sending_code";
    VERIFYING = "verifying";
    CODE_SENDING = "code_sending";
    CODE_SENT = "code_sent";
    CODE_FAILED = "code_failed";
    CODE_SENT_SMS = "code_sent_sms";
    CODE_SENT_WHATSAPP = "code_sent_whatsapp";
    CODE_SENT_SMS_INSTEAD = "code_sent_sms_instead";
    CODE_SENT_WHATSAPP_INSTEAD = "code_sent_whatsapp_instead";
    CODE_ON_RECORD = "code_on_record";
    MESSAGE_FAILED = "message_failed";
    CODE_OF_EMAIL = "code_of_email";
    CODE_OF_MESSAGE = "code_of_message";
    CODE_OF_WINDOW = "code_of_window";
    REFERENCE_MESSAGE = "reference_message";
    BY_SMS = "by_sms";
    BY_WHATSAPP = "by_whatsapp";
    EMAIL = "email";
    EMAIL_EXAMPLE = "email_example";
    PHONE = "phone";
    PHONE_EXAMPLE = "phone_example";
    LOOK_UP = "look_up";
    CODE_INCOMPLETE = "code_incomplete";
    REFERENCE = "reference";
    RESEND = "resend";
    RESEND_IN = "resend_in";
    SEND_CODE = "send_code";
    VERIFY = "verify";
    CARD_DONE = "card_done";
    CARD_CANCELLED = "card_cancelled";
    ACTING = "acting";
    OUT_OF_BUDGET = "out_of_budget";
    CONFIRM_YES = "confirm_yes";
    CONFIRM_NO = "confirm_no";
    CONFIRMED = "confirmed";
    DECLINED = "declined";
    WITHDRAWN = "withdrawn";
    CONFIRM_GONE = "confirm_gone";
    WITH_EMAIL_CODE = "with_email_code";
    WITH_PHONE_CODE = "with_phone_code";
    WITH_LOOKUP = "with_lookup";
    CODE_GOES_TO = "code_goes_to";
    FIELD_OPTIONAL = "field_optional";
    SHOW = "show";
    HIDE = "hide";
    SUBMIT = "submit";
    SUBMITTING = "submitting";
    FIELD_MISSING = "field_missing";
    ERROR_NETWORK = "error_network";
    ERROR_WAIT = "error_wait";
    ERROR_BAD_REQUEST = "error_bad_request";
    ERROR_TOO_LARGE = "error_too_large";
    ERROR_NOT_FOUND = "error_not_found";
    ERROR_SIGNED_OUT = "error_signed_out";
    ERROR_WRONG_ORIGIN = "error_wrong_origin";
    ERROR_BAD_ADDRESS = "error_bad_address";
    ERROR_BAD_NUMBER = "error_bad_number";
    ERROR_CODE_NOT_ACCEPTED = "error_code_not_accepted";
    ERROR_CODE_IN_CHAT = "error_code_in_chat";
    ERROR_LOGIN_REFUSED = "error_login_refused";
    ERROR_OTHER_PERSON = "error_other_person";
    ERROR_PROOF_REFUSED = "error_proof_refused";
    ERROR_CARD_GONE = "error_card_gone";
    ERROR_TOO_OFTEN = "error_too_often";
    ERROR_METHOD_OFF = "error_method_off";
    ERROR_METHOD_NOT_ALLOWED = "error_method_not_allowed";
    ERROR_UNAVAILABLE = "error_unavailable";
}
