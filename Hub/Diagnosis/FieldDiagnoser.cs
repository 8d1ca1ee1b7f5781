using System.Globalization;
using IntegrationHub.Hub.Fields;
using IntegrationHub.Storage.Fields;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>Fields that a mapping writes and that are not as they were at the vendor. Pure.</summary>
internal static class FieldDiagnoser
{
    /// <summary>Another type or a shorter length is told for so long; then whoever is concerned knows it, or it did no harm.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromDays(14);

    private const int MostNamed = 5;

    /// <summary>One verdict per destination whose mapping writes such fields.</summary>
    /// <param name="situation">What is known.</param>
    /// <param name="mapped">The vendor's fields that the mapping of each destination writes.</param>
    public static IEnumerable<Verdict> Explain(Situation situation, IReadOnlyDictionary<string, IReadOnlySet<string>> mapped) =>
        from version in situation.Fields
        where mapped.TryGetValue(version.Destination, out var written) && written.Contains(version.Name)
            && FieldWord.Harm(version) is not null && (FieldWord.StandsForItself(version.Shape) || version.SeenAt > situation.At - _patience)
        group version by version.Destination into fields
        select Of(fields.Key, [.. fields]);

    private static Verdict Of(string destination, IReadOnlyList<FieldVersion> fields) => new(
        DiagnosisCode.VendorDrift,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{destination}: fields that its mapping writes are not as they were at the vendor: {string.Join("; ", fields.Take(MostNamed).Select(field => $"{field.Name} {FieldWord.Harm(field)}"))}{(fields.Count > MostNamed ? $"; and {fields.Count - MostNamed} more" : "")}. 'destinations check {destination}' says what is wrong now and what to do; 'destinations fields {destination} --history' shows when they changed."))
    {
        Kind = "fields",
        Subject = "mapped fields", // with a space, as no audience is called
        Destination = destination,
        Since = fields.Min(field => field.SeenAt),
        Action = $"destinations check {destination}",
        Evidence = [string.Create(CultureInfo.InvariantCulture, $"{fields.Count} mapped fields, last changed at {fields.Max(field => field.SeenAt):u}")],
    };
}
