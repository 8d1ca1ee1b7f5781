using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>Polls of what changed: activities, changes of leads, deletions. A token is a date and nothing more.</summary>
internal sealed class MarketoFeeds(MarketoLeads leads, MarketoFields fields, MarketoLists lists, MarketoActivityLog log, TimeProvider time)
{
    private const int PageSize = 300;
    private const int MaxTypes = 10;
    private const int MaxLeads = 30;
    private const int MaxListed = 10_000;
    private static readonly TimeSpan DeletionsKept = TimeSpan.FromDays(14);

    public static void GiveToken(SandboxCall call)
    {
        var since = MarketoQueries.Parameters(call).GetValueOrDefault("sinceDatetime").ToString();
        if (!DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            MarketoAnswers.Fail(call, since.Length == 0 ? "1002" : "704");
            return;
        }

        var json = call.WriteJson();
        json.WriteStartObject();
        MarketoAnswers.WriteRequestId(json);
        json.WriteString("nextPageToken"u8, Token(at));
        json.WriteBoolean("success"u8, true);
        json.WriteEndObject();
    }

    public void Activities(SandboxCall call)
    {
        var types = Numbers(call, "activityTypeIds");
        var people = Numbers(call, "leadIds");
        var list = Numbers(call, "listId");
        if (types.Length is 0 or > MaxTypes || people.Length > MaxLeads || list.Any(id => lists.Count(id) >= MaxListed))
        {
            MarketoAnswers.Fail(call, types.Length == 0 ? "1002" : "1003");
            return;
        }

        Answer(
            call,
            activity => types.Contains(activity.Type) && (people.Length == 0 || people.Contains(activity.Lead))
                && (list.Length == 0 || list.Any(id => lists.Contains(id, activity.Lead))),
            static (_, _) => { });
    }

    public void LeadChanges(SandboxCall call)
    {
        var wanted = MarketoQueries.Parameters(call).GetValueOrDefault("fields").ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (wanted.Length == 0)
        {
            MarketoAnswers.Fail(call, "1002");
            return;
        }

        Answer(
            call,
            activity => activity.Type == MarketoActivities.NewLead || (activity.Type == MarketoActivities.ChangeValue && Changes(activity).Any(change => wanted.Contains(change.Name))),
            (json, activity) => WriteChanges(json, activity, wanted));
    }

    public void DeletedLeads(SandboxCall call) =>
        Answer(call, activity => activity.Type == MarketoActivities.DeleteLead && activity.At > time.GetUtcNow() - DeletionsKept, static (_, _) => { });

    private void Answer(SandboxCall call, Func<LoggedActivity, bool> where, Action<Utf8JsonWriter, LoggedActivity> write)
    {
        if (!TryRead(MarketoQueries.Parameters(call).GetValueOrDefault("nextPageToken"), out var since))
        {
            MarketoAnswers.Fail(call, "1003");
            return;
        }

        lock (leads.Gate)
        {
            var page = log.After(since, PageSize, out var isLast);
            var json = MarketoAnswers.Begin(call);
            foreach (var activity in page.Where(activity => log.IsReadable(activity) && where(activity)))
            {
                WriteActivity(json, activity, write);
            }

            json.WriteEndArray();
            json.WriteString("nextPageToken"u8, Token(page.Count == 0 ? since : page[^1].At));
            json.WriteBoolean("moreResult"u8, !isLast);
            json.WriteBoolean("success"u8, true);
            json.WriteEndObject();
        }
    }

    private static void WriteActivity(Utf8JsonWriter json, LoggedActivity activity, Action<Utf8JsonWriter, LoggedActivity> write)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, activity.Id);
        json.WriteString("marketoGUID"u8, activity.Id.ToString(CultureInfo.InvariantCulture));
        json.WriteNumber("leadId"u8, activity.Lead);
        json.WriteString("activityDate"u8, activity.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'+0000'", CultureInfo.InvariantCulture));
        json.WriteNumber("activityTypeId"u8, activity.Type);
        if (activity.Primary is { } primary)
        {
            json.WritePropertyName("primaryAttributeValue"u8);
            json.WriteRawValue(primary, skipInputValidation: true);
        }

        write(json, activity);
        json.WriteStartArray("attributes"u8);
        foreach (var (name, value) in activity.Attributes.Append(new("Source", "\"Web service API\"")))
        {
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            json.WritePropertyName("value"u8);
            json.WriteRawValue(value, skipInputValidation: true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteChanges(Utf8JsonWriter json, LoggedActivity activity, string[] wanted)
    {
        json.WriteStartArray("fields"u8);
        foreach (var (name, before, after) in Changes(activity).Where(change => wanted.Contains(change.Name)))
        {
            json.WriteStartObject();
            json.WriteNumber("id"u8, fields.Find(name)?.Number ?? 0);
            json.WriteString("name"u8, name);
            json.WriteString("oldValue"u8, before?.Trim('"'));
            json.WriteString("newValue"u8, after?.Trim('"'));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private IEnumerable<(string Name, string? Before, string? After)> Changes(LoggedActivity activity)
    {
        var before = PackedFields.All(activity.Before, fields.Names).ToDictionary();
        var after = PackedFields.All(activity.After, fields.Names).ToDictionary();
        return before.Keys.Union(after.Keys).Select(name => (name, before.GetValueOrDefault(name), after.GetValueOrDefault(name)))
            .Where(change => change.Item2 != change.Item3);
    }

    private static int[] Numbers(SandboxCall call, string name) =>
    [
        .. MarketoQueries.Parameters(call).GetValueOrDefault(name).SelectMany(text => text!.Split(',', StringSplitOptions.RemoveEmptyEntries))
            .Select(text => int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : -1),
    ];

    private static string Token(DateTimeOffset at) => $"{Convert.ToBase64String(BitConverter.GetBytes(at.UtcTicks))}==";

    private static bool TryRead(string? token, out DateTimeOffset since)
    {
        since = default;
        var bytes = new byte[sizeof(long)];
        if (token is not { Length: > 2 } || !Convert.TryFromBase64String(token[..^2], bytes, out var length) || length != sizeof(long))
        {
            return false;
        }

        var ticks = BitConverter.ToInt64(bytes);
        if (ticks is < 0 or > 3_155_378_975_999_999_999)
        {
            return false;
        }

        since = new(ticks, TimeSpan.Zero);
        return true;
    }
}
