using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Storage.Reconciliations;

namespace IntegrationHub.Hub.Reconciliation;

/// <summary>People whose fields were read, against what was confirmed of them. Pure.</summary>
/// <param name="Findings">What differs, with the content that was confirmed.</param>
/// <param name="Seen">How many of the people the vendor has.</param>
/// <param name="Same">Those of whom nothing differs, with the content that is so.</param>
/// <param name="Others">The other ones: something differs, or the vendor does not have them under their key.</param>
internal sealed record FieldDifferences(
    IReadOnlyList<(ReconciliationFinding Finding, Guid Hash)> Findings, int Seen, IReadOnlyList<(long ProfileId, Guid Hash)> Same, IReadOnlyList<long> Others)
{
    /// <summary>Nobody was read.</summary>
    public static FieldDifferences None { get; } = new([], 0, [], []);

    /// <summary>The vendor's fields that are to be read for these people.</summary>
    public static IReadOnlyList<string> FieldsOf(IEnumerable<(PersonToCompare Person, MappedRecord Mapped)> expected) =>
        [.. expected.SelectMany(each => each.Mapped.Fields).Select(field => field.Name).Distinct(StringComparer.Ordinal)];

    /// <summary>Those of the people of whom the mapping still gives what was confirmed, with it; the others are owed anyway.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="people">The people.</param>
    /// <param name="reading">The vendor that will be asked for them by key, which leaves out whom it cannot be asked for; null where it tells them by itself.</param>
    public static List<(PersonToCompare Person, MappedRecord Mapped)> Expected(Destination destination, IEnumerable<PersonToCompare> people, IProfileReading? reading = null)
    {
        var expected = new List<(PersonToCompare, MappedRecord)>();
        foreach (var person in people)
        {
            var mapped = destination.Mapping.Map(new ProfileView(person.ExternalId, person.Email, person.Phone, person.AttributesJson!));
            if (mapped.Rejection is null && mapped.ContentHash == person.ConfirmedHash && reading?.CanBeAskedFor(mapped.Key!) != false)
            {
                expected.Add((person, mapped));
            }
        }

        return expected;
    }

    /// <summary>Compares.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="expected">The people, as <see cref="Expected"/> gives them.</param>
    /// <param name="told">What the vendor holds.</param>
    public static FieldDifferences Of(Destination destination, IReadOnlyList<(PersonToCompare Person, MappedRecord Mapped)> expected, IEnumerable<RemoteProfile> told)
    {
        var profiles = told.Where(IsAlive).ToLookup(profile => profile.Key, destination.KeyComparer);
        var (findings, same, others, seen) = (new List<(ReconciliationFinding, Guid)>(), new List<(long, Guid)>(), new List<long>(), 0);
        foreach (var (person, mapped) in expected)
        {
            List<RemoteProfile> held = [.. profiles[mapped.Key!]];
            List<ReconciliationFinding> differences = [.. DifferencesOf(destination, person, mapped, held)];
            seen += held.Count > 0 ? 1 : 0;
            findings.AddRange(differences.Select(difference => (difference, person.ConfirmedHash!.Value)));
            if (held.Count == 1 && differences.Count == 0)
            {
                same.Add((person.ProfileId!.Value, person.ConfirmedHash!.Value));
            }
            else
            {
                others.Add(person.ProfileId!.Value);
            }
        }

        return new FieldDifferences(findings, seen, same, others);
    }

    /// <summary>Who lies in a vendor's recycle bin is told without any field.</summary>
    public static bool IsAlive(RemoteProfile profile) => profile.Fields.Count > 0;

    private static IEnumerable<ReconciliationFinding> DifferencesOf(Destination destination, PersonToCompare person, MappedRecord mapped, List<RemoteProfile> held)
    {
        if (held.Count > 1)
        {
            yield return new ReconciliationFinding(0, FindingKind.Duplicate, FindingCause.SameKey, person.ProfileId, held[0].RemoteId, null, null);
            yield break;
        }

        foreach (var field in held.Count == 0 ? [] : mapped.Fields.Where(field => !destination.UncomparedFields.Contains(field.Name)))
        {
            if (!FieldComparison.IsSame(field.Value, held[0].Fields.GetValueOrDefault(field.Name), destination.AddsWith(field.Name)))
            {
                yield return new ReconciliationFinding(0, FindingKind.Different, FindingCause.ChangedThere, person.ProfileId, held[0].RemoteId ?? person.RemoteId, null, field.Name);
            }
        }
    }
}
