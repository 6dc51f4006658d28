internal import Agreements
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
            // Another spelling is allowed, but only one value. A control character is printed as it is, and refused.
            let printed = value.bytes
            try require(
                (try? JSONReader.read(printed)) == value || printed.contains { $0 < 0x20 },
                "printed and read again, it is another value")
            return true
        },
        ParserProperty(name: "catalogue") { bytes throws(Violation) in
            // No documents: their names would be looked for on this machine.
            guard let catalogue = try? Catalogue(reading: bytes, name: "catalogue", folder: "/nowhere") else {
                return false
            }
            for record in catalogue.records {
                let digest = ContentDigest.of([])
                let statement = try? Statement.checked(
                    agreement: record.id, event: .agreementRegistered(record.body), ledger: .registry(digest),
                    previous: nil, tree: TreeReference(root: digest, size: 1))
                try require(statement != nil, "a record that was read cannot be signed")
            }
            return true
        },
        ParserProperty(name: "witness-report") { bytes throws(Violation) in
            _ = WitnessReport.findings(bytes)
            _ = WitnessReport.verdictFindings(bytes)
            return WitnessReport.message(bytes) != nil
        },
    ]
}
