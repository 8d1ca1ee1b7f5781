using System.Text.Json;

namespace IntegrationHub.Storage.Ledger;

/// <summary>What a profile holds, value by value with all that is remembered of each, and back. E-mail and phone are values like others. Pure.</summary>
internal static class ProfileStands
{
    public const string EmailName = "$email";
    public const string PhoneName = "$phone";
    private const string ClearedPrefix = "$null:";
    private const string FilledPrefix = "$fill:";

    /// <summary>The content that holds the values.</summary>
    public static ProfileContent Compose(SortedDictionary<string, AttributeStand> stands, DateTimeOffset occurredAt)
    {
        var attributes = stands.Where(stand => stand.Value.Value is not null && stand.Key is not (EmailName or PhoneName)).ToDictionary(stand => stand.Key, stand => stand.Value.Value!.Value);
        var (email, phone) = (TextOf(EmailName), TextOf(PhoneName));
        var times = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, stand) in stands)
        {
            times[name] = stand.At;
            if (stand.ClearedAt != AttributeStand.Never)
            {
                times[ClearedPrefix + name] = stand.ClearedAt;
            }

            if (stand.IsFilled)
            {
                times[FilledPrefix + name] = stand.At;
            }
        }

        return new ProfileContent(
            email, phone, attributes.Count == 0 ? "{}" : ProfileMerge.Write(attributes), ProfileMerge.WriteTimes(times, attributes, occurredAt.ToUnixTimeMilliseconds(), email is not null, phone is not null), occurredAt);

        string? TextOf(string name) => stands.TryGetValue(name, out var stand) ? stand.Value?.GetString() : null;
    }

    /// <summary>The values of a content, each by its rule.</summary>
    public static SortedDictionary<string, AttributeStand> Of(ProfileContent part, AttributeRules rules)
    {
        var now = part.OccurredAt.ToUnixTimeMilliseconds();
        var times = new Dictionary<string, long>(StringComparer.Ordinal);
        ProfileMerge.ReadTimes(part.AttributesAtJson, times);
        foreach (var mark in times.Keys.Where(ProfileMarks.IsMark).ToList())
        {
            times.Remove(mark);
        }

        var stands = new SortedDictionary<string, AttributeStand>(StringComparer.Ordinal);
        using var attributes = JsonDocument.Parse(part.AttributesJson);
        foreach (var attribute in attributes.RootElement.EnumerateObject())
        {
            stands[attribute.Name] = new AttributeStand(times.Remove(attribute.Name, out var at) ? at : now, attribute.Value.Clone());
        }

        foreach (var (name, text) in ((string, string?)[])[(EmailName, part.Email), (PhoneName, part.Phone)])
        {
            if (text is not null)
            {
                stands[name] = new AttributeStand(times.Remove(name, out var at) ? at : now, JsonSerializer.SerializeToElement(text));
            }
        }

        foreach (var (name, at) in times.Where(time => !IsMark(time.Key)))
        {
            stands[name] = new AttributeStand(at, null);
        }

        foreach (var (mark, at) in times.Where(time => IsMark(time.Key)))
        {
            var name = mark[ClearedPrefix.Length..];
            var stand = stands.TryGetValue(name, out var known) ? known : new AttributeStand(AttributeStand.Never, null);
            stands[name] = mark.StartsWith(ClearedPrefix, StringComparison.Ordinal) ? stand with { ClearedAt = at } : stand with { IsFilled = stand.Value is not null && stand.At == at };
        }

        foreach (var name in stands.Keys.ToList())
        {
            stands[name] = rules.Of(name).Kept(stands[name]);
        }

        return stands;
    }

    /// <summary>True of a time that is no value's own.</summary>
    private static bool IsMark(string name) => name.StartsWith(ClearedPrefix, StringComparison.Ordinal) || name.StartsWith(FilledPrefix, StringComparison.Ordinal);
}
