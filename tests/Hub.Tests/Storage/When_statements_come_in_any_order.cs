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

    [FsCheck.NUnit.Property(MaxTest = 2_000, EndSize = 12)]
    public bool Should_end_at_the_same_profile_when_several_are_of_one_time(Statement[] statements, int order)
    {
        ProfileStatement[] stated = [.. statements.Select((statement, i) => statement.At(_noon.AddMinutes(i / 3)))];
        var overtaken = stated.ToArray();
        new Random(order).Shuffle(overtaken);
        return Merged(overtaken) == Merged(stated);
    }

    /// <summary>Null, false, true, numbers by size, texts by code points: of one time the last counts.</summary>
    [Test]
    public void Should_take_of_one_time_the_value_that_sorts_later()
    {
        string[] sorted = ["null", "false", "true", "-2", "9", "10", "10.0", "\"\"", "\"B\"", "\"a\"", "\"b\""];
        for (var i = 0; i < sorted.Length; i++)
        {
            for (var j = 0; j < sorted.Length; j++)
            {
                var merged = ProfileMerge.Merge(ProfileMerge.Merge(null, Of(sorted[i])).Content, Of(sorted[j])).Content.AttributesJson;
                var later = sorted[Math.Max(i, j)];
                var joined = ProfileMerge.Fold([ProfileMerge.Merge(null, Of(sorted[i])).Content, ProfileMerge.Merge(null, Of(sorted[j])).Content]).AttributesJson;
                var expected = later == "null" ? "{}" : $$"""{"v":{{later}}}""";
                Assert.That((merged, joined), Is.EqualTo((expected, expected)), $"{sorted[i]}, then {sorted[j]}");
            }
        }

        static ProfileStatement Of(string value) => new(null, null, $$"""{"v":{{value}}}""", _noon);
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
