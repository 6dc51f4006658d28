package import Agreements
internal import FoundationEssentials
internal import TiledLog

/// A file of agreements to register, with what is known of each: docs/catalogue.md.
package struct Catalogue: Sendable {
    package struct Record: Sendable {
        package let id: AgreementID
        package let body: AgreementRegistered
        /// Where the bytes of its public documents are, by digest.
        package let documents: [ContentDigest: String]
        /// Where those of its restricted ones are, with their keys.
        package let restricted: [DocumentCommitment: RestrictedDocument]
    }

    package let records: [Record]
    /// Events after the registration: told of, and recorded one by one with `bitim record`.
    package let laterEventCount: Int

    private static let maximumBytes = 64 << 20

    /// Reads the whole catalogue and its documents' digests; a fault in any record refuses all of them.
    package init(path: String) throws {
        let bytes: [UInt8]
        do {
            bytes = try Files.read(path, maximumBytes: Self.maximumBytes)
        } catch {
            throw RegistryError(.unavailable, "\(error)", hint: "name the catalogue's JSON file")
        }
        try self.init(reading: bytes, name: path, folder: path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".")
    }

    /// - Parameters:
    ///   - path: of the catalogue, for messages.
    ///   - folder: what the documents' paths are relative to.
    package init(reading bytes: [UInt8], name path: String, folder: String) throws {
        let file: CatalogueFile
        do {
            try JSONReader.requireFewValues(bytes)
            file = try JSONDecoder().decode(CatalogueFile.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw Self.error(error, path: path, bytes: bytes)
        } catch let fault as JSONReader.Fault {
            throw RegistryError(.usage, "\(path): \(fault.reason)", hint: "see docs/catalogue.md for the form")
        } catch {
            throw RegistryError(.usage, "\(path) is not JSON", hint: "see docs/catalogue.md for the form")
        }
        var records: [Record] = []
        for (position, record) in file.agreements.enumerated() {
            let name = "\(path): agreements[\(position)] (\(record.id))"
            records.append(try record.record(folder: folder, name: name))
        }
        let ids = records.map(\.id)
        guard Set(ids).count == ids.count else {
            throw RegistryError(
                .usage, "\(path): an agreement's id is there twice", hint: "each id stands for one agreement")
        }
        self.records = records
        laterEventCount = file.laterEvents?.count ?? 0
    }

    private static func error(_ error: DecodingError, path: String, bytes: [UInt8]) -> RegistryError {
        let (keys, fault): ([any CodingKey], String) =
            switch error {
            case .typeMismatch(let type, let context): (context.codingPath, "is not \(Self.word(for: type))")
            case .valueNotFound(let type, let context):
                (context.codingPath, "is null and must be \(Self.word(for: type))")
            case .keyNotFound(let key, let context): (context.codingPath + [key], "is missing")
            case .dataCorrupted(let context): (context.codingPath, "cannot be read")
            @unknown default: ([], "cannot be read")
            }
        var place = ""
        for key in keys {
            if let index = key.intValue {
                place += "[\(index)]"
            } else {
                place += (place.isEmpty ? "" : ".") + key.stringValue
            }
        }
        var name = ""
        if keys.count > 1, keys[0].stringValue == "agreements", let index = keys[1].intValue,
            let loose = try? JSONDecoder().decode(LooseCatalogue.self, from: Data(bytes)),
            loose.agreements.indices.contains(index), let id = loose.agreements[index].id
        {
            name = " (\(id))"
        }
        return RegistryError(
            .usage, place.isEmpty ? "\(path) is not JSON of a catalogue" : "\(path): \(place)\(name) \(fault)",
            hint: "nothing was added; see docs/catalogue.md for the form")
    }

    private static func word(for type: Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Int.Type, is Int64.Type: "a number"
        case is Bool.Type: "true or false"
        default: "of the right type"
        }
    }
}

/// Only the ids, for telling which record has a fault.
private struct LooseCatalogue: Decodable {
    struct Record: Decodable {
        let id: String?

        private enum CodingKeys: CodingKey { case id }

        init(from decoder: any Decoder) throws {
            id = try? decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .id)
        }
    }

    let agreements: [Record]
}
