//! The budgets, by name, and the rules that each is counted by; `docs/security.md` lists them.

use domain::limits::{self, Rule};
use serde::{Deserialize, Serialize};

/// What is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    /// Codes mailed to one address.
    EmailRecipient,
    /// Between two codes mailed to one address.
    EmailGap,
    /// Codes mailed for one conversation.
    EmailConversation,
    /// Codes mailed at the request of one client address.
    EmailIp,
    /// Codes asked for by one client address while the alarm is on.
    AlarmIp,
    /// Guesses at the codes of one identity.
    GuessIdentity,
    /// Those of them at codes of fewer than eight digits.
    GuessShort,
    /// Wrong codes of the agent. Key: empty. Counted by [`super::failed`], peeked at for the alarm.
    Failures,
    /// Look-ups of one conversation that proved nobody.
    LookupConversation,
    /// Look-ups from one client address.
    LookupIp,
    /// Look-ups of the agent that proved nobody. Key: empty.
    LookupAgent,
    /// Between two codes to an identity that this browser proved before. Key of this and the next three:
    /// [`domain::session::known::Known::budget_key`].
    KnownGap,
    /// Codes to one.
    KnownRecipient,
    /// Look-ups of one.
    KnownLookup,
    /// Guesses at the codes of one.
    KnownGuess,
    /// Codes to an identity, of all browsers together that proved it before. Key: as that of strangers' guesses.
    KnownRecipientAll,
    /// Guesses at the codes of one, likewise.
    KnownGuessAll,
    /// Conversations opened by one client address.
    VisitIp,
    /// Invitations to the console mailed to one address. Counted under the console's agent.
    InviteAddress,
    /// Invitations that one member sends, likewise.
    InviteMember,
    /// Requests that a member lets the edge send to an address of their choice. Key: how the trail names the member.
    ConsoleCall,
    /// Logins with one user name of a login action that were not accepted. Key: [`domain::limits::login_key`].
    LoginName,
    /// Login actions called from one client address.
    LoginIp,
    /// Login actions called for the agent. Key: empty.
    LoginAgent,
    /// Answers of passkeys in one conversation.
    PasskeyConversation,
    /// Answers of passkeys from one client address.
    PasskeyIp,
    /// Windows to a provider opened from one conversation.
    WindowConversation,
    /// Windows to a provider opened from one client address.
    WindowIp,
    /// Windows that came back from a provider to one client address.
    WindowBackIp,
    /// Uses of one host token. Key: its `jti`.
    HostToken,
    /// Host tokens shown from one client address.
    HostIp,
    /// Model tokens of the agent in a day. Key: empty. Spent and adjusted, never counted.
    Tokens,
    /// Codes sent to one phone number, by whatever channel.
    PhoneNumber,
    /// Codes sent to numbers that differ in their last four digits alone.
    PhonePrefix,
    /// Codes sent to phones for one conversation.
    PhoneConversation,
    /// Codes sent to phones at the request of one client address.
    PhoneIp,
    /// Codes sent to phones of one calling code in a day. Spent.
    PhoneDialCode,
    /// Codes that the agent sent to phones in a day. Key: empty. Spent.
    PhoneDay,
    /// Messages that a member had sent as a test. Key: the member.
    TestMessage,
    /// Questions to a model as a test. Key: empty.
    ModelCheck,
    /// Codes that the agent sent to phones and whether they came back. Key: empty. Told, never counted.
    PhoneHealth,
}

impl Budget {
    pub(super) fn rules(self) -> &'static [Rule] {
        match self {
            Self::EmailRecipient => limits::EMAIL_RECIPIENT,
            Self::EmailGap => limits::EMAIL_GAP,
            Self::EmailConversation => limits::EMAIL_CONVERSATION,
            Self::EmailIp => limits::EMAIL_IP,
            Self::AlarmIp => limits::ALARM_IP,
            Self::GuessIdentity => limits::GUESS_IDENTITY,
            Self::GuessShort => limits::GUESS_SHORT,
            Self::LookupConversation => limits::LOOKUP_CONVERSATION,
            Self::LookupIp => limits::LOOKUP_IP,
            Self::LookupAgent => limits::LOOKUP_AGENT,
            Self::KnownGap => limits::KNOWN_GAP,
            Self::KnownRecipient => limits::KNOWN_RECIPIENT,
            Self::KnownLookup => limits::KNOWN_LOOKUP,
            Self::KnownGuess => limits::KNOWN_GUESS,
            Self::KnownRecipientAll => limits::KNOWN_RECIPIENT_ALL,
            Self::KnownGuessAll => limits::KNOWN_GUESS_ALL,
            Self::VisitIp => limits::VISIT_IP,
            Self::InviteAddress => limits::INVITE_ADDRESS,
            Self::InviteMember => limits::INVITE_MEMBER,
            Self::ConsoleCall => limits::CONSOLE_CALL,
            Self::LoginName => limits::LOGIN_NAME,
            Self::LoginIp => limits::LOGIN_IP,
            Self::LoginAgent => limits::LOGIN_AGENT,
            Self::PasskeyConversation => limits::PASSKEY_CONVERSATION,
            Self::PasskeyIp => limits::PASSKEY_IP,
            Self::WindowConversation => limits::WINDOW_CONVERSATION,
            Self::WindowIp => limits::WINDOW_IP,
            Self::WindowBackIp => limits::WINDOW_BACK_IP,
            Self::HostToken => limits::HOST_TOKEN,
            Self::HostIp => limits::HOST_IP,
            Self::PhoneNumber => limits::PHONE_NUMBER,
            Self::PhonePrefix => limits::PHONE_PREFIX,
            Self::PhoneConversation => limits::PHONE_CONVERSATION,
            Self::PhoneIp => limits::PHONE_IP,
            Self::TestMessage => limits::TEST_MESSAGE,
            Self::ModelCheck => limits::MODEL_CHECK,
            // Their bound is the agent's own and comes with each use, or is of another kind.
            Self::Tokens | Self::Failures | Self::PhoneDialCode | Self::PhoneDay | Self::PhoneHealth => &[],
        }
    }

    /// Its name, in objects' names and the audit trail.
    pub fn name(self) -> &'static str {
        match self {
            Self::EmailRecipient => "email_recipient",
            Self::EmailGap => "email_gap",
            Self::EmailConversation => "email_conversation",
            Self::EmailIp => "email_ip",
            Self::AlarmIp => "alarm_ip",
            Self::GuessIdentity => "guess_identity",
            Self::GuessShort => "guess_short",
            Self::Failures => "failures",
            Self::LookupConversation => "lookup_conversation",
            Self::LookupIp => "lookup_ip",
            Self::LookupAgent => "lookup_agent",
            Self::KnownGap => "known_gap",
            Self::KnownRecipient => "known_recipient",
            Self::KnownLookup => "known_lookup",
            Self::KnownGuess => "known_guess",
            Self::KnownRecipientAll => "known_recipient_all",
            Self::KnownGuessAll => "known_guess_all",
            Self::VisitIp => "visit_ip",
            Self::InviteAddress => "invite_address",
            Self::InviteMember => "invite_member",
            Self::ConsoleCall => "console_call",
            Self::LoginName => "login_name",
            Self::LoginIp => "login_ip",
            Self::LoginAgent => "login_agent",
            Self::PasskeyConversation => "passkey_conversation",
            Self::PasskeyIp => "passkey_ip",
            Self::WindowConversation => "window_conversation",
            Self::WindowIp => "window_ip",
            Self::WindowBackIp => "window_back_ip",
            Self::HostToken => "host_token",
            Self::HostIp => "host_ip",
            Self::Tokens => "tokens",
            Self::PhoneNumber => "phone_number",
            Self::PhonePrefix => "phone_prefix",
            Self::PhoneConversation => "phone_conversation",
            Self::PhoneIp => "phone_ip",
            Self::PhoneDialCode => "phone_dial_code",
            Self::PhoneDay => "phone_day",
            Self::PhoneHealth => "phone_health",
            Self::TestMessage => "test_message",
            Self::ModelCheck => "model_check",
        }
    }
}
