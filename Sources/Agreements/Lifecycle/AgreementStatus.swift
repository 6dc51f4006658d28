/// Where an agreement stands on a day. Consent alone does not change it.
package enum AgreementStatus: String, Vocabulary {
    case signed
    case provisionallyApplied = "provisionally-applied"
    case inForce = "in-force"
    case suspended
    /// Notice is given, and it has not ended yet.
    case denounced
    case ended
}
