using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Ledger;

/// <summary>What a profile holds, and since when. Holds personal data.</summary>
/// <param name="Email">E-mail as collected, or null.</param>
/// <param name="Phone">Phone as collected, or null.</param>
/// <param name="AttributesJson">Flat JSON object without nulls.</param>
/// <param name="AttributesAtJson">
/// Times (unix ms) of what is not as of <paramref name="OccurredAt"/>: older values, and every cleared one. E-mail and phone stand under <c>$email</c> and <c>$phone</c>. Of an attribute that has a rule
/// <c>$null:NAME</c> is when it was last cleared, and <c>$fill:NAME</c> stands by a value that others filled in; a hub that does not know these carries them along. What the profile that is shown remembers beside is
/// said by <see cref="ProfileMarks"/>.
/// </param>
/// <param name="OccurredAt">Time of the latest statement.</param>
internal sealed record ProfileContent(string? Email, string? Phone, string AttributesJson, string AttributesAtJson, DateTimeOffset OccurredAt)
{
    /// <summary>False where the attributes stand as they were sealed and do not open: nothing is merged with them, so that what is damaged may be mended.</summary>
    public bool IsReadable => !SealingKeys.IsSealed(AttributesJson);
}

/// <summary>A statement about a profile. What is null is not stated; an empty e-mail or phone and a JSON null clear what was there.</summary>
internal readonly record struct ProfileStatement(string? Email, string? Phone, string? AttributesJson, DateTimeOffset OccurredAt)
{
    /// <summary>Who states it; null where that decides nothing.</summary>
    public string? Producer { get; init; }
}

/// <summary>
/// Merges statements into a profile, attribute by attribute: the later statement wins, of two at the same time (to the millisecond) the value that sorts later,
/// so that it never matters which came first. Attributes that have a rule go by it. Pure.
/// </summary>
internal static class ProfileMerge
{
    private const string Empty = "{}";
    private const string EmailName = ProfileStands.EmailName;
    private const string PhoneName = ProfileStands.PhoneName;
    private const long Never = AttributeStand.Never;
    private static readonly JsonWriterOptions _relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The merged content and whether a value changed; times alone are no change.</summary>
    /// <param name="current">The profile, or null for a new one.</param>
    /// <param name="statement">What is stated.</param>
    /// <param name="rules">Attributes of which not simply the latest statement counts; none when null.</param>
    public static (ProfileContent Content, bool Changed) Merge(ProfileContent? current, in ProfileStatement statement, AttributeRules? rules = null)
    {
        if (rules?.Concern(statement.AttributesJson) == true)
        {
            return MergeByRule(current, statement, rules);
        }

        if (current is null)
        {
            return (Create(statement), true);
        }

        if (statement is { Email: null, Phone: null, AttributesJson: null })
        {
            return (current, false);
        }

        if (RepeatsAll(current, statement))
        {
            return (current with { OccurredAt = statement.OccurredAt }, false);
        }

        return MergeFields(current, statement);
    }

    /// <summary>What the parts of a profile say together: of every value the statement that counts of all.</summary>
    /// <param name="parts">The parts, in any order.</param>
    /// <param name="rules">Attributes of which not simply the latest statement counts; none when null.</param>
    public static ProfileContent Fold(IReadOnlyCollection<ProfileContent> parts, AttributeRules? rules = null)
    {
        if (parts.Count == 1)
        {
            return parts.First();
        }

        rules ??= AttributeRules.None;
        var stands = new SortedDictionary<string, AttributeStand>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            foreach (var (name, stand) in ProfileStands.Of(part, rules))
            {
                stands[name] = stands.TryGetValue(name, out var other) ? rules.Of(name).Join(other, stand) : stand;
            }
        }

        return ProfileStands.Compose(stands, parts.Count == 0 ? DateTimeOffset.UnixEpoch : parts.Max(part => part.OccurredAt));
    }

    /// <summary>
    /// What a profile holds beside what the log says of it: of every value the statement that counts of both, and at the same time what the log says. What the log does not know, such as what a list
    /// stated, stays.
    /// </summary>
    /// <param name="standing">What the profile holds.</param>
    /// <param name="log">What the log says, all of it.</param>
    /// <param name="rules">Attributes of which not simply the latest statement counts; none when null.</param>
    /// <returns>The same object when nothing is otherwise.</returns>
    public static ProfileContent Restate(ProfileContent standing, ProfileContent log, AttributeRules? rules = null)
    {
        rules ??= AttributeRules.None;
        var stands = ProfileStands.Of(standing, rules);
        var differs = false;
        foreach (var (name, stand) in ProfileStands.Of(log, rules))
        {
            var joined = stands.TryGetValue(name, out var known) ? rules.Of(name).Join(known, stand, prefersOther: true) : stand;
            differs |= !joined.IsLike(known) || !stands.ContainsKey(name);
            stands[name] = joined;
        }

        var content = ProfileStands.Compose(stands, log.OccurredAt > standing.OccurredAt ? log.OccurredAt : standing.OccurredAt);
        return differs || Difference(standing, content).Count > 0 ? content : standing;
    }

    /// <summary>Names of the values that differ, sorted; e-mail and phone are <c>email</c> and <c>phone</c>.</summary>
    public static IReadOnlyList<string> Difference(ProfileContent one, ProfileContent other)
    {
        using var left = JsonDocument.Parse(one.AttributesJson);
        using var right = JsonDocument.Parse(other.AttributesJson);
        var (before, after) = (left.RootElement.EnumerateObject().ToDictionary(value => value.Name, value => value.Value), right.RootElement.EnumerateObject().ToDictionary(value => value.Name, value => value.Value));
        var names = before.Keys.Union(after.Keys).Where(name => !(before.TryGetValue(name, out var was) && after.TryGetValue(name, out var now) && AttributeStand.AreSame(was, now)));
        return [.. names.Concat(one.Email == other.Email ? [] : ["email"]).Concat(one.Phone == other.Phone ? [] : ["phone"]).Distinct().Order(StringComparer.Ordinal)];
    }

    private static (ProfileContent Content, bool Changed) MergeByRule(ProfileContent? current, in ProfileStatement statement, AttributeRules rules)
    {
        using var attributes = JsonDocument.Parse(statement.AttributesJson!);
        var at = statement.OccurredAt.ToUnixTimeMilliseconds();
        var stands = current is null ? new SortedDictionary<string, AttributeStand>(StringComparer.Ordinal) : ProfileStands.Of(current, rules);
        foreach (var attribute in attributes.RootElement.EnumerateObject())
        {
            Take(attribute.Name, rules.Of(attribute.Name).Stated(at, attribute.Value.ValueKind == JsonValueKind.Null ? null : attribute.Value.Clone(), statement.Producer));
        }

        foreach (var (name, text) in ((string, string?)[])[(EmailName, statement.Email), (PhoneName, statement.Phone)])
        {
            if (text is not null)
            {
                Take(name, new AttributeStand(at, Given(text) is { } given ? JsonSerializer.SerializeToElement(given) : null));
            }
        }

        var content = ProfileStands.Compose(stands, current is { } known && known.OccurredAt > statement.OccurredAt ? known.OccurredAt : statement.OccurredAt);
        return current is null ? (content, true) : Difference(current, content).Count == 0 ? (content with { AttributesJson = current.AttributesJson }, false) : (content, true);

        void Take(string name, AttributeStand? stated)
        {
            if (stated is { } stand)
            {
                stands[name] = stands.TryGetValue(name, out var other) ? rules.Of(name).Join(other, stand) : stand;
            }
        }
    }

    private static bool RepeatsAll(ProfileContent current, in ProfileStatement statement) =>
        current.AttributesAtJson == Empty
        && statement.OccurredAt >= current.OccurredAt
        && string.Equals(statement.AttributesJson, current.AttributesJson, StringComparison.Ordinal)
        && string.Equals(statement.Email, current.Email, StringComparison.Ordinal)
        && string.Equals(statement.Phone, current.Phone, StringComparison.Ordinal);

    private static ProfileContent Create(in ProfileStatement statement)
    {
        var blank = new ProfileContent(null, null, Empty, Empty, statement.OccurredAt);
        if (statement is { AttributesJson: not null, Email: not "", Phone: not "" } && !MayHoldNull(statement.AttributesJson))
        {
            return blank with { Email = statement.Email, Phone = statement.Phone, AttributesJson = statement.AttributesJson };
        }

        return MergeFields(blank, statement).Content;
    }

    private static bool MayHoldNull(string json) => json.Contains("null", StringComparison.Ordinal);

    private static (ProfileContent Content, bool Changed) MergeFields(ProfileContent current, in ProfileStatement statement)
    {
        using var attributesNow = JsonDocument.Parse(current.AttributesJson);
        using var attributesIn = JsonDocument.Parse(statement.AttributesJson ?? Empty);
        var now = current.OccurredAt.ToUnixTimeMilliseconds();
        var at = statement.OccurredAt.ToUnixTimeMilliseconds();
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var times = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var attribute in attributesNow.RootElement.EnumerateObject())
        {
            values[attribute.Name] = attribute.Value;
            times[attribute.Name] = now;
        }

        times[EmailName] = current.Email is null ? Never : now;
        times[PhoneName] = current.Phone is null ? Never : now;
        ReadTimes(current.AttributesAtJson, times);

        var changed = false;
        foreach (var attribute in attributesIn.RootElement.EnumerateObject())
        {
            var known = times.GetValueOrDefault(attribute.Name, Never);
            if (at < known || (at == known && values.TryGetValue(attribute.Name, out var value) && JsonValueOrder.Compare(attribute.Value, value) <= 0))
            {
                continue;
            }

            times[attribute.Name] = at;
            changed |= Set(values, attribute.Name, attribute.Value);
        }

        var (email, emailChanged) = Pick(current.Email, statement.Email, EmailName, at, times);
        var (phone, phoneChanged) = Pick(current.Phone, statement.Phone, PhoneName, at, times);
        var latest = Math.Max(now, at);
        var content = new ProfileContent(
            email,
            phone,
            changed ? Write(values) : current.AttributesJson,
            WriteTimes(times, values, latest, email is not null, phone is not null),
            statement.OccurredAt > current.OccurredAt ? statement.OccurredAt : current.OccurredAt);
        return (content, changed || emailChanged || phoneChanged);
    }

    private static bool Set(Dictionary<string, JsonElement> values, string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return values.Remove(name);
        }

        var same = values.TryGetValue(name, out var old) && AttributeStand.AreSame(old, value);
        values[name] = value;
        return !same;
    }

    private static (string? Value, bool Changed) Pick(string? current, string? stated, string name, long at, Dictionary<string, long> times)
    {
        if (stated is null || at < times[name] || (at == times[name] && string.CompareOrdinal(Given(stated), current) <= 0))
        {
            return (current, false);
        }

        times[name] = at;
        return (Given(stated), !string.Equals(current, Given(stated), StringComparison.Ordinal));
    }

    private static string? Given(string? stated) => stated is "" ? null : stated;

    internal static void ReadTimes(string json, Dictionary<string, long> times)
    {
        if (json == Empty)
        {
            return;
        }

        using var document = JsonDocument.Parse(json);
        foreach (var time in document.RootElement.EnumerateObject())
        {
            times[time.Name] = time.Value.GetInt64();
        }
    }

    internal static string Write(Dictionary<string, JsonElement> values) => WriteObject(writer =>
    {
        foreach (var (name, value) in values)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    });

    internal static string WriteTimes(Dictionary<string, long> times, Dictionary<string, JsonElement> values, long latest, bool hasEmail, bool hasPhone)
    {
        var kept = times
            .Where(time => time.Value != Never && (time.Value != latest || !IsPresent(time.Key)))
            .ToList();
        return WriteTimes(kept);

        bool IsPresent(string name) => name switch
        {
            EmailName => hasEmail,
            PhoneName => hasPhone,
            _ => values.ContainsKey(name),
        };
    }

    internal static string WriteTimes(IReadOnlyCollection<KeyValuePair<string, long>> times) => times.Count == 0 ? Empty : WriteObject(writer =>
    {
        foreach (var (name, at) in times)
        {
            writer.WriteNumber(name, at);
        }
    });

    private static string WriteObject(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, _relaxed))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
