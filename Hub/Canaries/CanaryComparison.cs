using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Storage.Canaries;

namespace IntegrationHub.Hub.Canaries;

/// <summary>Holds what a vendor shows of a canary against what policy allows, field by field. Pure.</summary>
internal static class CanaryComparison
{
    /// <summary>What is not as it should be; empty when all is.</summary>
    /// <param name="expected">What policy allows.</param>
    /// <param name="shown">Everybody who has her key there.</param>
    /// <param name="memberOf">The audiences that these are members of there.</param>
    /// <param name="audiences">Names of the vendor's sides of audiences, which are fields at some vendors.</param>
    /// <param name="isDue">True when all had the time to arrive: what only has to disappear is no leak before.</param>
    public static IReadOnlyList<CanaryFinding> Compare(CanaryExpectation expected, IReadOnlyList<ShownPerson> shown, IReadOnlySet<string> memberOf, IReadOnlySet<string> audiences, bool isDue) =>
    [
        .. expected.IsAllowed ? Allowed(expected, shown, memberOf, isDue) : shown.Select(_ => new CanaryFinding(CanaryFinding.MustNotBeThere, "person")).Take(1),
        .. memberOf.Where(audience => !expected.IsAllowed || audience != expected.Audience).Select(audience => new CanaryFinding(CanaryFinding.MustNotBeAMember, audience)),
        .. shown.SelectMany(person => person.Fields).Where(field => MustNotHold(expected, field, audiences)).Select(field => field.Name).Distinct(StringComparer.Ordinal).Select(name => new CanaryFinding(CanaryFinding.NotAllowed, name)),
    ];

    private static IEnumerable<CanaryFinding> Allowed(CanaryExpectation expected, IReadOnlyList<ShownPerson> shown, IReadOnlySet<string> memberOf, bool isDue)
    {
        if (expected.Unmappable is { } why)
        {
            yield return new CanaryFinding(CanaryFinding.Unmappable, why);
            yield break;
        }

        if (shown.Count != 1)
        {
            yield return new CanaryFinding(shown.Count == 0 ? CanaryFinding.NotThere : CanaryFinding.Doubled, "person");
            yield break;
        }

        var fields = shown[0].Fields.ToDictionary(field => field.Name, StringComparer.Ordinal);
        foreach (var field in expected.Fields.Where(field => !FieldComparison.IsSame(field.Value, fields.GetValueOrDefault(field.Name)?.Value ?? Absent(field.Name), expected.Added.TryGetValue(field.Name, out var sign) ? sign : null)))
        {
            yield return new CanaryFinding(fields.ContainsKey(field.Name) ? CanaryFinding.Different : CanaryFinding.Empty, field.Name);
        }

        foreach (var name in expected.Written.Except(expected.Fields.Select(field => field.Name), StringComparer.Ordinal).Where(name => fields.GetValueOrDefault(name) is { IsVendorsOwn: false }))
        {
            yield return new CanaryFinding(CanaryFinding.Different, name);
        }

        if (!memberOf.Contains(expected.Audience))
        {
            yield return new CanaryFinding(CanaryFinding.NotAMember, expected.Audience);
        }

        switch (expected.IsOptedOut, shown[0].IsOptedOut)
        {
            case (true, false):
                yield return new CanaryFinding(isDue ? CanaryFinding.MustNotBeSubscribed : CanaryFinding.Different, "marketing_email");
                break;
            case (false, true):
                yield return new CanaryFinding(CanaryFinding.OptedOut, "marketing_email");
                break;
        }
    }

    /// <summary>What it means that nothing is shown of a field: an element is not in its list.</summary>
    private static string? Absent(string name) => FieldAddress.Of(name).Element is null ? null : "false";

    /// <summary>A field that nobody may fill, or any field in which a value of hers stands that must not be there.</summary>
    private static bool MustNotHold(CanaryExpectation expected, ShownField field, IReadOnlySet<string> audiences) =>
        HoldsForbidden(expected, field) || (!field.IsVendorsOwn && !expected.Known.Contains(field.Name) && !audiences.Contains(field.Name) && IsJudged(expected, field.Name));

    /// <summary>Of an object or a list that nobody writes in parts, the whole is judged.</summary>
    private static bool IsJudged(CanaryExpectation expected, string name) => !FieldAddress.IsPart(name) || expected.InParts.Contains(FieldAddress.Of(name).Field);

    private static bool HoldsForbidden(CanaryExpectation expected, ShownField field)
    {
        if (expected.MustNotLeave.Count == 0)
        {
            return false;
        }

        // An id may stand in an address that is allowed.
        var text = expected.MayLeave.OrderByDescending(value => value.Length).Aggregate(Plain(field.Value), (rest, value) => rest.Replace(value, "\n", StringComparison.OrdinalIgnoreCase));
        return expected.MustNotLeave.Any(value => text.Contains(value, StringComparison.OrdinalIgnoreCase));
    }

    private static string Plain(string json) => json is ['"', ..] ? JsonSerializer.Deserialize<string>(json) ?? "" : json;
}
