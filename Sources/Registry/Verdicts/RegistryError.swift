/// A command that could not do its work: what went wrong, and what to do next. Equal when the codes are.
package struct RegistryError: Error, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The request makes no sense as it was put.
        case usage
        /// Something is missing or cannot be read or written.
        case unavailable
        /// What was to be added or signed breaks the rules.
        case refused
        /// Another process holds the lock, or the ledger has moved on.
        case conflict
        /// It was done, and waits for others.
        case pending
    }

    package let code: Code
    package let message: String
    /// What to do next.
    package let hint: String
    /// Why it was refused, when checks refused it.
    package let findings: [Finding]

    package init(_ code: Code, _ message: String, hint: String, findings: [Finding] = []) {
        self.code = code
        self.message = message
        self.hint = hint
        self.findings = findings
    }

    package var description: String { message }
}
