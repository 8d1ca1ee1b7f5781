using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>Static lists and their members; the lead store's gate guards them too.</summary>
internal sealed class MarketoLists(MarketoLeads leads, MarketoQueries queries, MarketoActivities activities, TimeProvider time)
{
    private const int MaxIds = 300;

    /// <summary>Folders that exist: one of each type.</summary>
    private static readonly Dictionary<int, string> Folders = new() { [1001] = "Folder", [1034] = "Program" };

    private readonly SortedDictionary<int, MarketoList> _lists = [];
    private int _lastId = 1000;

    public IReadOnlyList<string> Of(int lead) =>
        [.. _lists.Values.Where(list => list.Contains(lead)).Select(list => list.Id.ToString(CultureInfo.InvariantCulture))];

    public void Forget(int lead)
    {
        foreach (var list in _lists.Values)
        {
            list.Remove(lead);
        }
    }

    public bool Exists(int list) => _lists.ContainsKey(list);

    public bool Contains(int list, int lead) => _lists.TryGetValue(list, out var found) && found.Contains(lead);

    public int Count(int list) => _lists.TryGetValue(list, out var found) ? found.Members(0).Count() : 0;

    public void Add(int list, int lead)
    {
        if (_lists.TryGetValue(list, out var found) && !found.Contains(lead))
        {
            found.Add(lead);
            activities.Note(MarketoActivities.AddToList, lead, "List ID", list.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Gives the memberships of one lead to another.</summary>
    public void Move(int from, int to)
    {
        foreach (var list in _lists.Values.Where(list => list.Contains(from)))
        {
            list.Add(to);
        }
    }

    public void Delete(SandboxCall call, Func<int, bool> isInUse)
    {
        lock (leads.Gate)
        {
            if (Find(call) is not { } list || isInUse(list.Id))
            {
                MarketoAnswers.Fail(call, Find(call) is null ? "1013" : "1022");
                return;
            }

            _lists.Remove(list.Id);
            var json = MarketoAnswers.Begin(call);
            json.WriteStartObject();
            json.WriteNumber("id"u8, list.Id);
            json.WriteEndObject();
            MarketoAnswers.End(json);
        }
    }

    /// <summary>The lists of a lead.</summary>
    public void OfLead(SandboxCall call)
    {
        lock (leads.Gate)
        {
            if (!int.TryParse(call.Http.Request.RouteValues["id"] as string, CultureInfo.InvariantCulture, out var lead) || !leads.Exists(lead))
            {
                MarketoAnswers.Fail(call, "1004");
                return;
            }

            var json = MarketoAnswers.Begin(call);
            foreach (var list in _lists.Values.Where(list => list.Contains(lead)))
            {
                json.WriteStartObject();
                json.WriteNumber("listId"u8, list.Id);
                json.WriteString("createdAt"u8, list.CreatedAt);
                json.WriteString("updatedAt"u8, list.CreatedAt);
                json.WriteEndObject();
            }

            MarketoAnswers.End(json);
        }
    }

    public void Clear()
    {
        lock (leads.Gate)
        {
            _lists.Clear();
            _lastId = 1000;
        }
    }

    public void Add(SandboxCall call) => Change(call, (list, lead) =>
    {
        Add(list.Id, lead);
        return "added";
    });

    public void Remove(SandboxCall call) => Change(call, (list, lead) =>
    {
        if (!list.Contains(lead))
        {
            return "1015";
        }

        list.Remove(lead);
        activities.Note(MarketoActivities.RemoveFromList, lead, "List ID", list.Id.ToString(CultureInfo.InvariantCulture));
        return "removed";
    });

    public void IsMember(SandboxCall call) => Change(call, static (list, lead) => list.Contains(lead) ? "memberof" : "notmemberof");

    public void Members(SandboxCall call)
    {
        var parameters = MarketoQueries.Parameters(call);
        lock (leads.Gate)
        {
            if (Find(call) is not { } list)
            {
                MarketoAnswers.Fail(call, "1013");
                return;
            }

            if (!MarketoPages.TryRead(parameters.GetValueOrDefault("nextPageToken"), list.Id, out var after)
                || queries.Requested(parameters) is not { } requested)
            {
                MarketoAnswers.Fail(call, after < 0 ? "1003" : "1006");
                return;
            }

            var size = MarketoQueries.BatchSize(parameters);
            var page = list.Members(after).Take(size + 1).ToArray();
            var json = MarketoAnswers.Begin(call);
            foreach (var lead in page.Take(size))
            {
                queries.WriteLead(json, lead, requested);
            }

            MarketoAnswers.End(json, page.Length > size ? MarketoPages.Token(list.Id, page[size - 1]) : null);
        }
    }

    public void FindLists(SandboxCall call)
    {
        var parameters = MarketoQueries.Parameters(call);
        var ids = parameters.GetValueOrDefault("id").ToString().Split(',', StringSplitOptions.RemoveEmptyEntries);
        var names = parameters.GetValueOrDefault("name").ToString().Split(',', StringSplitOptions.RemoveEmptyEntries);
        lock (leads.Gate)
        {
            var json = MarketoAnswers.Begin(call);
            foreach (var list in _lists.Values.Where(list =>
                (ids.Length == 0 || ids.Contains(list.Id.ToString(CultureInfo.InvariantCulture)))
                && (names.Length == 0 || names.Contains(list.Name, StringComparer.OrdinalIgnoreCase))).Take(MaxIds))
            {
                json.WriteStartObject();
                json.WriteNumber("id"u8, list.Id);
                json.WriteString("name"u8, list.Name);
                json.WriteString("workspaceName"u8, "Default");
                json.WriteString("createdAt"u8, list.CreatedAt);
                json.WriteString("updatedAt"u8, list.CreatedAt);
                json.WriteEndObject();
            }

            MarketoAnswers.End(json);
        }
    }

    public void Create(SandboxCall call)
    {
        var parameters = MarketoQueries.Parameters(call);
        var name = parameters.GetValueOrDefault("name").ToString();
        if (name.Length == 0 || !TryReadFolder(parameters.GetValueOrDefault("folder").ToString(), out var folder, out var type))
        {
            MarketoAnswers.Fail(call, name.Length == 0 ? "701" : "1001");
            return;
        }

        lock (leads.Gate)
        {
            var refusal = !Folders.TryGetValue(folder, out var known) ? "710"
                : known != type ? "711"
                : _lists.Values.Any(list => string.Equals(list.Name, name, StringComparison.OrdinalIgnoreCase)) ? "709"
                : null;
            if (refusal is not null)
            {
                MarketoAnswers.Fail(call, refusal);
                return;
            }

            var list = new MarketoList(++_lastId, name, folder, type, time.GetUtcNow());
            _lists.Add(list.Id, list);
            WriteAsset(call, list, parameters.GetValueOrDefault("description").ToString());
        }
    }

    private static void WriteAsset(SandboxCall call, MarketoList list, string description)
    {
        var created = list.CreatedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z+0000'", CultureInfo.InvariantCulture);
        var json = MarketoAnswers.Begin(call);
        json.WriteStartObject();
        json.WriteNumber("id"u8, list.Id);
        json.WriteString("name"u8, list.Name);
        json.WriteString("description"u8, description);
        json.WriteString("createdAt"u8, created);
        json.WriteString("updatedAt"u8, created);
        json.WriteStartObject("folder"u8);
        json.WriteNumber("id"u8, list.Folder);
        json.WriteString("type"u8, list.FolderType);
        json.WriteEndObject();
        json.WriteString("workspace"u8, "Default");
        json.WriteEndObject();
        MarketoAnswers.End(json);
    }

    private void Change(SandboxCall call, Func<MarketoList, int, string> change)
    {
        if (ReadIds(call) is not { } ids)
        {
            MarketoAnswers.Fail(call, "609");
            return;
        }

        call.Records = ids.Count;
        if (ids.Count is 0 or > MaxIds)
        {
            MarketoAnswers.Fail(call, ids.Count == 0 ? "1002" : "1003");
            return;
        }

        lock (leads.Gate)
        {
            if (Find(call) is not { } list)
            {
                MarketoAnswers.Fail(call, "1013");
                return;
            }

            var json = MarketoAnswers.Begin(call);
            var untold = call.Fault?.Variant == MarketoFaults.ShortAnswer ? 1 : 0;
            for (var i = 0; i < ids.Count; i++)
            {
                var status = leads.Exists(ids[i]) ? change(list, (int)ids[i]) : "1004";
                if (i >= ids.Count - untold)
                {
                    continue;
                }

                if (char.IsAsciiDigit(status[0]))
                {
                    MarketoAnswers.WriteSkipped(json, status, ids[i]);
                }
                else
                {
                    MarketoAnswers.WriteRow(json, ids[i], System.Text.Encoding.UTF8.GetBytes(status));
                }
            }

            MarketoAnswers.End(json);
        }
    }

    private MarketoList? Find(SandboxCall call) =>
        int.TryParse(call.Http.Request.RouteValues["listId"] as string, CultureInfo.InvariantCulture, out var id) ? _lists.GetValueOrDefault(id) : null;

    /// <summary>Lead ids from the JSON body, or from repeated or comma-separated <c>id</c> parameters; null for a body that is no such JSON.</summary>
    public static List<long>? ReadIds(SandboxCall call)
    {
        var ids = call.Http.Request.Query["id"].SelectMany(text => text!.Split(','))
            .Select(text => long.TryParse(text, CultureInfo.InvariantCulture, out var id) ? id : -1).ToList();
        if (call.Body.IsEmpty)
        {
            return ids;
        }

        try
        {
            using var body = JsonDocument.Parse(call.Body);
            ids.AddRange(body.RootElement.GetProperty("input").EnumerateArray().Select(lead => lead.GetProperty("id").GetInt64()));
            return ids;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static bool TryReadFolder(string json, out int id, out string type)
    {
        (id, type) = (0, "");
        try
        {
            using var folder = JsonDocument.Parse(json);
            id = folder.RootElement.GetProperty("id").GetInt32();
            type = folder.RootElement.GetProperty("type").GetString() ?? "";
            return true;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }
}
