internal import OpenSSLKit

/// An entry that was signed elsewhere, read and its signatures checked.
package struct ExaminedEntry: Sendable {
    package let entry: Entry
    let outcomes: [SignatureCheck.Outcome]
}

/// Reads entries and checks their signatures, on all cores and apart from the registry's state.
package struct EntryExamination: Sendable {
    private let certificates: CertificateStore
    private let examiners: EntryExaminers
    private static let share = 64

    init(certificates: CertificateStore) {
        self.certificates = certificates
        examiners = EntryExaminers(certificates: certificates)
    }

    /// Before the registry is opened: whoever queues what it examines sees to it that it has the same certificates then.
    package init(_ registry: RegistryFolder) { self.init(certificates: CertificateStore(registry)) }

    /// Whether another one would examine alike.
    package func isSame(as other: EntryExamination) -> Bool {
        Set(certificates.fingerprints) == Set(other.certificates.fingerprints)
    }

    package func examine(_ leaves: ArraySlice<ArraySlice<UInt8>>) async throws -> [ExaminedEntry] {
        let shares = stride(from: leaves.startIndex, to: leaves.endIndex, by: Self.share).map {
            leaves[$0..<min($0 + Self.share, leaves.endIndex)]
        }
        var examined: [ExaminedEntry] = []
        try await InOrder.run(shares, workers: InOrder.processorCount) { share in
            examiners.use { examiner in share.map { Self.examine($0, examiner) } }
        } take: { entries in
            examined += entries
            return true
        }
        return examined
    }

    private static func examine(_ leaf: ArraySlice<UInt8>, _ examiner: EntryExaminer) -> ExaminedEntry {
        let (entry, outcomes) = examiner.examine(leaf, verifiesSignatures: true)
        // As it was exported: the leaf is what is left without the certificates.
        if !entry.deviations.isEmpty, let signedData = entry.signedData, signedData.hasCertificates,
            let bare = try? signedData.withoutCertificates()
        {
            let (entry, outcomes) = examiner.examine(bare[...], verifiesSignatures: true)
            return ExaminedEntry(entry: entry, outcomes: outcomes)
        }
        return ExaminedEntry(entry: entry, outcomes: outcomes)
    }
}
