using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>Every call that the connector makes, with its address and how long the vendor may take.</summary>
internal static class MarketoRequests
{
    /// <summary>The vendor gives up on an upsert and on activities after 90 s, on a merge after 180 s.</summary>
    private static readonly TimeSpan WritePatience = TimeSpan.FromSeconds(95), MergePatience = TimeSpan.FromSeconds(185);

    /// <summary>The vendor may work on a paging token for 300 s.</summary>
    private static readonly TimeSpan TokenPatience = TimeSpan.FromSeconds(305);

    /// <summary>Writes people.</summary>
    /// <param name="clearance">The last look at them.</param>
    /// <param name="write">Writes the body.</param>
    public static MarketoCall SyncLeads(CallClearance clearance, Action<IBufferWriter<byte>> write) =>
        new() { Endpoint = MarketoApiVersion.SyncLeads, Clearance = clearance, Json = write, Patience = WritePatience };

    /// <summary>Finds people by a field. A key that nobody has is simply absent.</summary>
    public static MarketoCall FindLeads(string field, IEnumerable<string> values, IEnumerable<string> fields, string? page)
    {
        List<KeyValuePair<string, string>> form =
        [
            new("filterType", field), new("filterValues", string.Join(',', values)),
            new("fields", string.Join(',', fields.Prepend(field).Prepend("id").Distinct(StringComparer.Ordinal))),
            new("batchSize", MarketoDescriptor.MaxRecords.ToString(CultureInfo.InvariantCulture)),
        ];
        if (page is not null)
        {
            form.Add(new("nextPageToken", page));
        }

        return new()
        {
            Endpoint = MarketoApiVersion.QueryLeads,
            Content = new FormUrlEncodedContent(form),
            Patience = MarketoCall.ReadPatience,
            Read = body => LeadRecords.Read(body, field),
        };
    }

    public static MarketoCall DeleteLeads(CallClearance clearance, Action<IBufferWriter<byte>> write) =>
        new() { Endpoint = MarketoApiVersion.DeleteLeads, Clearance = clearance, Json = write, Patience = MarketoCall.ReadPatience };

    /// <summary>Joins people into one; none of them may be written to the CRM by this.</summary>
    public static MarketoCall MergeLeads(CallClearance clearance, long winner, IEnumerable<long> losers) => new()
    {
        Endpoint = MarketoApiVersion.MergeLeads,
        Clearance = clearance,
        Path = $"{At(MarketoApiVersion.MergeLeads, winner)}?leadIds={string.Join(',', losers)}&mergeInCRM=false",
        NeedsResult = false,
        Patience = MergePatience,
    };

    public static MarketoCall AddToList(CallClearance clearance, string listId, Action<IBufferWriter<byte>> write) => ChangeList(MarketoApiVersion.AddToList, clearance, listId, write);

    public static MarketoCall RemoveFromList(CallClearance clearance, string listId, Action<IBufferWriter<byte>> write) =>
        ChangeList(MarketoApiVersion.RemoveFromList, clearance, listId, write);

    public static MarketoCall ListMembers(string listId, string field, string? page) => new()
    {
        Endpoint = MarketoApiVersion.ListMembers,
        Path = $"{At(MarketoApiVersion.ListMembers, listId)}?batchSize={MarketoDescriptor.MaxRecords}&fields=id,{field}"
            + (page is null ? "" : $"&nextPageToken={Uri.EscapeDataString(page)}"),
        List = listId,
        Patience = MarketoCall.ReadPatience,
        TextField = field,
    };

    /// <summary>Tells of each lead whether it is in a list. The most ids that a call takes, of the most digits, stay below the 8 KB of an address.</summary>
    public static MarketoCall AreMembers(string listId, IEnumerable<long> leads) => new()
    {
        Endpoint = MarketoApiVersion.AreMembers,
        Path = $"{At(MarketoApiVersion.AreMembers, listId)}?{string.Join('&', leads.Select(lead => string.Create(CultureInfo.InvariantCulture, $"id={lead}")))}",
        List = listId,
        Patience = MarketoCall.ReadPatience,
    };

    /// <summary>Finds static lists by name; rows carry the name. A search that finds nothing may answer with a warning and no result.</summary>
    public static MarketoCall FindLists(string name) => FindLists($"name={Uri.EscapeDataString(name)}", needsResult: false);

    /// <summary>Finds static lists by id; those that are gone are absent.</summary>
    public static MarketoCall FindLists(IEnumerable<string> ids) => FindLists(string.Join('&', ids.Select(id => $"id={id}")), needsResult: true);

    public static MarketoCall CreateList(string name, long folder, string folderKind) => new()
    {
        Endpoint = MarketoApiVersion.CreateList,
        Content = new FormUrlEncodedContent([new("folder", $$"""{"id":{{folder}},"type":"{{folderKind}}"}"""), new("name", name)]),
        TextField = "name",
    };

    /// <summary>The fields of a person, each a row.</summary>
    public static MarketoCall Describe() => new() { Endpoint = MarketoApiVersion.Describe, Read = LeadDescription.Read };

    public static MarketoCall AddActivities(CallClearance clearance, Action<IBufferWriter<byte>> write) =>
        new() { Endpoint = MarketoApiVersion.AddActivities, Clearance = clearance, Json = write, Patience = WritePatience };

    /// <summary>The custom activity types; rows carry their fields.</summary>
    public static MarketoCall ActivityTypes() => new() { Endpoint = MarketoApiVersion.ActivityTypes, Read = body => LeadRecords.Read(body, "apiName") };

    /// <summary>The attributes of a custom activity type, each a row.</summary>
    public static MarketoCall ActivityType(string apiName) => new()
    {
        Endpoint = MarketoApiVersion.ActivityType,
        Path = MarketoApiVersion.ActivityType.Path.Replace("{apiName}", Uri.EscapeDataString(apiName), StringComparison.Ordinal),
        Read = ActivityTypeDescription.Attributes,
    };

    /// <summary>A token for all that happened from a time on.</summary>
    public static MarketoCall PagingToken(DateTimeOffset since) => new()
    {
        Endpoint = MarketoApiVersion.PagingToken,
        Path = $"{MarketoApiVersion.PagingToken.Path}?sinceDatetime={Uri.EscapeDataString(since.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))}",
        Patience = TokenPatience,
        Read = LeadChanges.ReadToken,
    };

    /// <summary>What was changed about people after a token.</summary>
    public static MarketoCall ReadChanges(string token, IEnumerable<string> fields) => new()
    {
        Endpoint = MarketoApiVersion.LeadChanges,
        Path = $"{MarketoApiVersion.LeadChanges.Path}?nextPageToken={Uri.EscapeDataString(token)}&batchSize={MarketoDescriptor.MaxRecords}&fields={string.Join(',', fields.Select(Uri.EscapeDataString))}",
        Patience = MarketoCall.ReadPatience,
        Read = LeadChanges.Read,
    };

    /// <summary>What some people did, of some kinds, after a token.</summary>
    public static MarketoCall ReadActivities(string token, IEnumerable<long> types, IEnumerable<long> leads) => new()
    {
        Endpoint = MarketoApiVersion.LeadActivities,
        Path = $"{MarketoApiVersion.LeadActivities.Path}?nextPageToken={Uri.EscapeDataString(token)}&batchSize={MarketoDescriptor.MaxRecords}&activityTypeIds={string.Join(',', types)}&leadIds={string.Join(',', leads)}",
        Patience = MarketoCall.ReadPatience,
        Read = LeadActivities.Read,
    };

    /// <summary>Starts an import; with a list, its rows become members too.</summary>
    public static MarketoCall StartImport(CallClearance clearance, string lookupField, string? listId, string? partition, HttpContent file) => new()
    {
        Endpoint = MarketoApiVersion.StartImport,
        Clearance = clearance,
        Path = $"{MarketoApiVersion.StartImport.Path}?format=csv&lookupField={lookupField}"
            + (listId is null ? "" : $"&listId={listId}")
            + (partition is null ? "" : $"&partitionName={Uri.EscapeDataString(partition)}"),
        Content = file,
        List = listId,
        Patience = WritePatience,
        Read = ImportJob.Read,
    };

    public static MarketoCall ImportStatus(string batchId) =>
        new() { Endpoint = MarketoApiVersion.ImportStatus, Path = At(MarketoApiVersion.ImportStatus, batchId), Read = ImportJob.Read };

    /// <summary>The rows that an import refused or took in part, as <paramref name="read"/> reads the file.</summary>
    public static MarketoCall ImportRows(VendorEndpoint endpoint, string batchId, Func<byte[], MarketoAnswer> read) =>
        new() { Endpoint = endpoint, Path = At(endpoint, batchId), Patience = MarketoCall.ReadPatience, Read = read };

    /// <summary>Defines an extract of a static list; it does not run before it is queued.</summary>
    public static MarketoCall CreateExtract(string listId, IReadOnlyList<string> columns) => new()
    {
        Endpoint = MarketoApiVersion.CreateExtract,
        Json = body =>
        {
            using var json = new Utf8JsonWriter(body);
            json.WriteStartObject();
            json.WriteStartArray("fields"u8);
            foreach (var column in columns)
            {
                json.WriteStringValue(column);
            }

            json.WriteEndArray();
            json.WriteString("format"u8, "CSV"u8);
            json.WriteStartObject("filter"u8);
            json.WriteNumber("staticListId"u8, long.Parse(listId, CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteEndObject();
        },
        List = listId,
        Read = ExtractJob.Read,
    };

    public static MarketoCall EnqueueExtract(string exportId) =>
        new() { Endpoint = MarketoApiVersion.EnqueueExtract, Path = At(MarketoApiVersion.EnqueueExtract, exportId), Read = ExtractJob.Read };

    public static MarketoCall ExtractStatus(string exportId) =>
        new() { Endpoint = MarketoApiVersion.ExtractStatus, Path = At(MarketoApiVersion.ExtractStatus, exportId), Read = ExtractJob.Read };

    /// <summary>A part of an extract's file, as <paramref name="read"/> reads it.</summary>
    public static MarketoCall ReadExtract(string exportId, long from, long length, Func<byte[], MarketoAnswer> read) => new()
    {
        Endpoint = MarketoApiVersion.ExtractFile,
        Path = At(MarketoApiVersion.ExtractFile, exportId),
        Range = new RangeHeaderValue(from, from + length - 1),
        Patience = MarketoCall.ReadPatience,
        Read = read,
    };

    private static MarketoCall ChangeList(VendorEndpoint endpoint, CallClearance clearance, string listId, Action<IBufferWriter<byte>> write) =>
        new() { Endpoint = endpoint, Clearance = clearance, Path = At(endpoint, listId), List = listId, Json = write, Patience = MarketoCall.ReadPatience };

    private static MarketoCall FindLists(string query, bool needsResult) => new()
    {
        Endpoint = MarketoApiVersion.FindLists,
        Path = $"{MarketoApiVersion.FindLists.Path}?{query}",
        Patience = MarketoCall.ReadPatience,
        TextField = "name",
        NeedsResult = needsResult,
    };

    private static string At(VendorEndpoint endpoint, object id)
    {
        var (start, end) = (endpoint.Path.IndexOf('{', StringComparison.Ordinal), endpoint.Path.IndexOf('}', StringComparison.Ordinal));
        return string.Create(CultureInfo.InvariantCulture, $"{endpoint.Path[..start]}{id}{endpoint.Path[(end + 1)..]}");
    }
}
