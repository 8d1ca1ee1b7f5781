using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Calls;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>HubSpot's API: paths, verbs, bodies in and out. Knows nothing of audiences and records; never retries.</summary>
internal sealed class HubSpotClient(HubSpotOptions options, ConnectorContext context, HubSpotQuota quota, ICallGate gate)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json") { CharSet = "utf-8" };

    private readonly VendorCaller _caller = new(context, new HubSpotAuthHandler(options, context.Transport), gate);
    private readonly string _baseUrl = options.Settings.BaseUrl.AbsoluteUri.TrimEnd('/');

    /// <summary>Creates or updates contacts, found by a unique property.</summary>
    /// <param name="wanted">The properties to keep of the answer.</param>
    /// <param name="body">The request.</param>
    /// <param name="clearance">The last look at its records.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<HubSpotAnswer<ContactBatch>> UpsertAsync(IReadOnlyCollection<string> wanted, ReadOnlyMemory<byte> body, CallClearance clearance, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.UpsertContacts, "", body, bytes => ContactBatch.Parse(bytes, wanted), cancellationToken, clearance: clearance);

    /// <summary>Updates contacts by record id.</summary>
    public Task<HubSpotAnswer<ContactBatch>> UpdateAsync(IReadOnlyCollection<string> wanted, ReadOnlyMemory<byte> body, CallClearance clearance, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.UpdateContacts, "", body, bytes => ContactBatch.Parse(bytes, wanted), cancellationToken, clearance: clearance);

    /// <summary>Reads contacts by record id.</summary>
    public Task<HubSpotAnswer<ContactBatch>> ReadAsync(IReadOnlyCollection<string> wanted, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.ReadContacts, "?archived=false", body, bytes => ContactBatch.Parse(bytes, wanted), cancellationToken);

    /// <summary>Reads contacts with all the properties that the body asks for, from the account or from its recycle bin.</summary>
    public Task<HubSpotAnswer<ProfileBatch>> ReadProfilesAsync(bool archived, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.ReadContacts, archived ? "?archived=true" : "?archived=false", body, ProfileBatch.Parse, cancellationToken);

    /// <summary>Finds contacts.</summary>
    public Task<HubSpotAnswer<FoundContacts>> SearchAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.SearchContacts, "", body, FoundContacts.Parse, cancellationToken);

    /// <summary>Joins two contacts; the answer is the surviving one, under an id that may be new.</summary>
    public Task<HubSpotAnswer<MergedContact>> MergeAsync(ReadOnlyMemory<byte> body, CallClearance clearance, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.MergeContacts, "", body, Reading(HubSpotJson.Default.MergedContact), cancellationToken, clearance: clearance);

    /// <summary>Deletes a contact for good and blocks its e-mail.</summary>
    public Task<HubSpotAnswer<NoContent>> EraseAsync(ReadOnlyMemory<byte> body, CallClearance clearance, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.EraseContact, "", body, NoContent.Parse, cancellationToken, clearance: clearance);

    /// <summary>Records events.</summary>
    public Task<HubSpotAnswer<NoContent>> SendEventsAsync(ReadOnlyMemory<byte> body, CallClearance clearance, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.SendEvents, "", body, NoContent.Parse, cancellationToken, clearance: clearance);

    /// <summary>Reads the definitions of all contact properties.</summary>
    public Task<HubSpotAnswer<PropertyList>> ListPropertiesAsync(CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.ListProperties, "", default, Reading(HubSpotJson.Default.PropertyList), cancellationToken);

    /// <summary>Reads a page of the definitions of custom events, with their properties: the first, or the one of a cursor.</summary>
    public Task<HubSpotAnswer<EventDefinitionPage>> ListEventDefinitionsAsync(string? after, CancellationToken cancellationToken)
        => SendAsync(
            HubSpotApiVersion.ListEventDefinitions, "?includeProperties=true" + (after is null ? "" : $"&after={Uri.EscapeDataString(after)}"), default, Reading(HubSpotJson.Default.EventDefinitionPage), cancellationToken);

    /// <summary>Calls one of the consent endpoints of version 4 that take many addresses in the body.</summary>
    public Task<HubSpotAnswer<ConsentBatch>> ConsentAsync(VendorEndpoint endpoint, ReadOnlyMemory<byte> body, CallClearance clearance, CancellationToken cancellationToken)
        => SendAsync(endpoint, QueryOf(endpoint), body, ConsentBatch.Parse, cancellationToken, clearance: clearance);

    /// <summary>Subscribes one address to a subscription type, or unsubscribes it. Version 3 takes the address in the body.</summary>
    public Task<HubSpotAnswer<NoContent>> ChangeSubscriptionAsync(bool subscribe, ReadOnlyMemory<byte> body, CallClearance clearance, CancellationToken cancellationToken)
        => SendAsync(subscribe ? HubSpotApiVersion.Subscribe : HubSpotApiVersion.Unsubscribe, "", body, NoContent.Parse, cancellationToken, clearance: clearance);

    /// <summary>Opts one address out of everything. HubSpot takes it in the path only.</summary>
    public Task<HubSpotAnswer<ConsentBatch>> OptOutAsync(string email, CallClearance clearance, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.OptOut, "?channel=EMAIL&verbose=true", default, ConsentBatch.Parse, cancellationToken, email, clearance);

    /// <summary>Reads whether one address is opted out of everything; no row says that it is not.</summary>
    public Task<HubSpotAnswer<ConsentBatch>> ReadOptOutAsync(string email, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.ReadOptOut, "?channel=EMAIL", default, ConsentBatch.Parse, cancellationToken, email);

    /// <summary>Adds contacts to a list, or removes them from it.</summary>
    public Task<HubSpotAnswer<MembershipChange>> ChangeMembersAsync(bool add, string listId, ReadOnlyMemory<byte> body, CallClearance clearance, CancellationToken cancellationToken)
        => SendAsync(add ? HubSpotApiVersion.AddMembers : HubSpotApiVersion.RemoveMembers, "", body, MembershipChange.Parse, cancellationToken, listId, clearance);

    /// <summary>Reads a page of a list's members.</summary>
    public Task<HubSpotAnswer<MemberPage>> ListMembersAsync(string listId, string? after, CancellationToken cancellationToken)
    {
        var query = $"?limit={HubSpotDescriptor.MembersPerPage}" + (after is null ? "" : $"&after={Uri.EscapeDataString(after)}");
        return SendAsync(HubSpotApiVersion.ListMembers, query, default, Reading(HubSpotJson.Default.MemberPage), cancellationToken, listId);
    }

    /// <summary>Reads the lists that records are in.</summary>
    public Task<HubSpotAnswer<RecordMemberships>> ReadMembershipsAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.ReadMemberships, "", body, RecordMemberships.Parse, cancellationToken);

    /// <summary>Reads a list by its id.</summary>
    public Task<HubSpotAnswer<ListAnswer>> GetListAsync(string listId, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.GetList, "", default, Reading(HubSpotJson.Default.ListAnswer), cancellationToken, listId);

    /// <summary>Finds a list of contacts by its name, without regard to case.</summary>
    public Task<HubSpotAnswer<ListAnswer>> FindListAsync(string name, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.FindList, "", default, Reading(HubSpotJson.Default.ListAnswer), cancellationToken, name);

    /// <summary>Creates a list.</summary>
    public Task<HubSpotAnswer<ListAnswer>> CreateListAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.CreateList, "", body, Reading(HubSpotJson.Default.ListAnswer), cancellationToken);

    /// <summary>Reads the account behind the token.</summary>
    public Task<HubSpotAnswer<AccountDetails>> GetAccountAsync(CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.AccountDetails, "", default, Reading(HubSpotJson.Default.AccountDetails), cancellationToken);

    private delegate T Parser<out T>(ReadOnlySpan<byte> body);

    private static Parser<T> Reading<T>(JsonTypeInfo<T> type)
        => body => JsonSerializer.Deserialize(body, type) ?? throw new JsonException("The answer is null.");

    /// <summary>The endpoints that opt out answer without a row for anybody unless they are asked to be verbose.</summary>
    private static string QueryOf(VendorEndpoint endpoint)
        => endpoint == HubSpotApiVersion.WriteConsent ? "" : endpoint == HubSpotApiVersion.OptOutMany ? "?channel=EMAIL&verbose=true" : "?channel=EMAIL";

    private Task<HubSpotAnswer<T>> SendAsync<T>(
        VendorEndpoint endpoint, string query, ReadOnlyMemory<byte> body, Parser<T> parse, CancellationToken cancellationToken, string? segment = null, CallClearance? clearance = null)
        where T : class
    {
        var content = body.IsEmpty ? null : new ReadOnlyMemoryContent(body) { Headers = { ContentType = Json } };
        var call = new VendorCall(endpoint, new Uri(_baseUrl + PathOf(endpoint, segment) + query)) { Content = content, Clearance = clearance };
        return _caller.SendAsync(call, (answer, permit) => Read(answer, permit, endpoint, parse), cancellationToken);
    }

    private HubSpotAnswer<T> Read<T>(VendorAnswer answer, CallPermit permit, VendorEndpoint endpoint, Parser<T> parse)
        where T : class
    {
        if (answer.End != CallEnd.Answered)
        {
            return new(null, answer.End switch
            {
                CallEnd.NotAdmitted => answer.Refusal is { } refusal ? HubSpotFailure.Refused(refusal) : HubSpotFailure.NotCleared,
                CallEnd.TimedOut => HubSpotFailure.Timeout,
                _ => HubSpotFailure.Connection,
            });
        }

        quota.Report(permit, answer.Headers!);
        if (answer.Status is >= 200 and < 300)
        {
            return Parse(answer.Body.Span, parse);
        }

        var failure = new HubSpotFailure(answer.Status, HubSpotError.Parse(answer.Body), answer.RetryAfter);
        quota.Report(permit, endpoint, failure);
        return new(null, failure);
    }

    private static HubSpotAnswer<T> Parse<T>(ReadOnlySpan<byte> body, Parser<T> parse)
        where T : class
    {
        try
        {
            return new(parse(body), null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return new(null, HubSpotFailure.Malformed);
        }
    }

    private static string PathOf(VendorEndpoint endpoint, string? segment)
    {
        var open = endpoint.Path.IndexOf('{', StringComparison.Ordinal);
        return open < 0
            ? endpoint.Path
            : string.Concat(endpoint.Path.AsSpan(0, open), Uri.EscapeDataString(segment!), endpoint.Path.AsSpan(endpoint.Path.IndexOf('}', open) + 1));
    }
}
