internal import Agreements
internal import Foundation
internal import Registry

/// JSON of every kind.
extension ParserProperty {
    static let meaning: [ParserProperty] = [
        ParserProperty(name: "statement") { bytes throws(Violation) in
            guard let statement = try? Statement(canonicalBytes: bytes) else { return false }
            try requireSame(statement.canonicalBytes, bytes)
            try require((try? statement.validated()) == statement, "read again, it is another statement")
            return true
        },
        ParserProperty(name: "draft") { bytes throws(Violation) in
            guard let draft = try? DraftFile(bytes: bytes) else { return false }
            try requireSame(draft.bytes, bytes)
            try require(DraftFile.isDraft(beginning: bytes), "it does not begin as a draft")
            return true
        },
        ParserProperty(name: "json") { bytes throws(Violation) in
            guard let value = try? JSONReader.read(bytes) else { return false }
            // Another spelling is allowed, but only one value: by its bytes, for strings of two spellings may be equal.
            let printed = value.bytes
            try require(
                (try? JSONReader.read(escaped(printed)))?.bytes == printed,
                "printed and read again, it is another value")
            return true
        },
        ParserProperty(name: "catalogue", check: checkCatalogue),
        ParserProperty(name: "witness-report", check: checkReport),
        ParserProperty(name: "signer-memory") { bytes throws(Violation) in
            guard let printed = SignerState.reprinted(bytes) else { return false }
            // The lines of the logs may have been in another order.
            try requireSame(lines(printed), lines(bytes))
            try requireSame(SignerState.reprinted(printed), printed)
            return true
        },
    ]

    /// Printed values have no control characters between them, and in strings as they are.
    private static func escaped(_ printed: [UInt8]) -> [UInt8] {
        printed.flatMap { $0 < 0x20 ? Array(String(format: "\\u%04x", $0).utf8) : [$0] }
    }

    private static func lines(_ bytes: [UInt8]) -> [UInt8] {
        Array(
            bytes.split(separator: 0x0A, omittingEmptySubsequences: false).sorted { $0.lexicographicallyPrecedes($1) }
                .joined(separator: [0x0A]))
    }

    private static func checkCatalogue(_ bytes: [UInt8]) throws(Violation) -> Bool {
        // No documents: their names would be looked for on this machine.
        guard let catalogue = try? Catalogue(reading: bytes, name: "catalogue", folder: "/nowhere") else {
            return false
        }
        for record in catalogue.records {
            let digest = ContentDigest.of([])
            let event = Event.agreementRegistered(record.body)
            let statement = try? Statement.checked(
                agreement: record.id, event: event, ledger: .registry(digest), previous: nil,
                tree: TreeReference(root: digest, size: 1))
            guard let statement else { throw Violation(description: "a record that was read cannot be signed") }
            let again = try? Statement(canonicalBytes: statement.canonicalBytes)
            try require(
                again?.event == event && again?.agreement == record.id, "a record that was signed reads as another one")
        }
        return true
    }

    private static func checkReport(_ bytes: [UInt8]) throws(Violation) -> Bool {
        let findings = WitnessReport.findings(bytes)
        let judged = WitnessReport.verdictFindings(bytes)
        try require(judged == nil || judged == findings, "its findings are read in two ways")
        let report = WitnessReport(entryFindings: findings)
        guard let printed = (try? JSONEncoder().encode(report)).map({ Array($0) }) else {
            throw Violation(description: "what was read cannot be printed")
        }
        try require(
            WitnessReport.verdictFindings(printed) == findings, "printed and read again, it finds something else")
        try require(WitnessReport.message(printed) == report.message, "printed and read again, it says something else")
        return WitnessReport.message(bytes) != nil
    }
}
