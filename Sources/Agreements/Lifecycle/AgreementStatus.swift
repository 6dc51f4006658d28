/// Where an agreement stands. Consent alone does not change it.
package enum AgreementStatus: String, Vocabulary {
    case signed
}
