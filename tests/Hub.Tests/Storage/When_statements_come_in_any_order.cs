using System.Text.Json;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Statements about a profile overtake each other; of every value the latest counts. A failure shows the fewest statements that differ.</summary>
public sealed class When_statements_come_in_any_order
{
    private static readonly DateTimeOffset _noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [FsCheck.NUnit.Property(MaxTest = 2_000, EndSize = 12)]
    public bool Should_end_at_the_same_profile(Statement[] statements, int order)
    {
        ProfileStatement[] inTime = [.. statements.Select((statement, minute) => statement.At(_noon.AddMinutes(minute)))];
        var overtaken = inTime.ToArray();
        new Random(order).Shuffle(overtaken);
        return Merged(overtaken) == Merged(inTime);
    }

    private static string Merged(IEnumerable<ProfileStatement> statements)
    {
        ProfileContent? profile = null;
        foreach (var statement in statements)
        {
            profile = ProfileMerge.Merge(profile, statement).Content;
        }

        if (profile is null)
        {
            return "nobody";
        }

        using var attributes = JsonDocument.Parse(profile.AttributesJson);
        var sorted = attributes.RootElement.EnumerateObject().Select(attribute => attribute.ToString()).Order(StringComparer.Ordinal);
        return $"{profile.Email ?? "none"} {profile.Phone ?? "none"} {string.Join(',', sorted)}";
    }

    /// <summary>What may be said of one value.</summary>
    public enum Said
    {
        Nothing,
        Cleared,
        One,
        Other,
    }

    public sealed record Statement(Said Email, Said Phone, Said City, Said Plan)
    {
        internal ProfileStatement At(DateTimeOffset time) => new(Contact(Email), Contact(Phone), Attributes(), time);

        private static string? Contact(Said said) => said switch
        {
            Said.Nothing => null,
            Said.Cleared => "",
            _ => said.ToString(),
        };

        private string? Attributes()
        {
            var stated = new[] { ("city", City), ("plan", Plan) }.Where(attribute => attribute.Item2 != Said.Nothing)
                .Select(attribute => $"\"{attribute.Item1}\":{(attribute.Item2 == Said.Cleared ? "null" : $"\"{attribute.Item2}\"")}").ToArray();
            return stated.Length == 0 ? null : $"{{{string.Join(',', stated)}}}";
        }
    }
}
