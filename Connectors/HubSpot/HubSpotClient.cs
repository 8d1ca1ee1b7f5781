using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>HubSpot's API: paths, verbs, bodies in and out. Knows nothing of audiences and records; never retries.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The transport belongs to whoever made the connector; there is nothing else to dispose of.")]
internal sealed class HubSpotClient
{
    private static readonly ProductInfoHeaderValue Product = new("IntegrationHub", typeof(HubSpotClient).Assembly.GetName().Version!.ToString(2));
    private static readonly MediaTypeHeaderValue Json = new("application/json") { CharSet = "utf-8" };

    private readonly HttpMessageInvoker _http;
    private readonly string _baseUrl;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly ICallGate _gate;
    private readonly HubSpotQuota _quota;

    public HubSpotClient(HubSpotOptions options, ConnectorContext context, HubSpotQuota quota)
    {
        _http = new HttpMessageInvoker(new HubSpotAuthHandler(options, context.Transport), disposeHandler: false);
        _baseUrl = options.Settings.BaseUrl.AbsoluteUri.TrimEnd('/');
        _timeout = context.CallTimeout;
        _time = context.Time;
        _gate = context.Gate;
        _quota = quota;
    }

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

    /// <summary>Joins two contacts; the answer is the surviving one, under an id that may be new.</summary>
    public Task<HubSpotAnswer<MergedContact>> MergeAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.MergeContacts, "", body, Reading(HubSpotJson.Default.MergedContact), cancellationToken);

    /// <summary>Deletes a contact for good and blocks its e-mail.</summary>
    public Task<HubSpotAnswer<NoContent>> EraseAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.EraseContact, "", body, NoContent.Parse, cancellationToken);

    /// <summary>Records events.</summary>
    public Task<HubSpotAnswer<NoContent>> SendEventsAsync(ReadOnlyMemory<byte> body, CallClearance clearance, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.SendEvents, "", body, NoContent.Parse, cancellationToken, clearance: clearance);

    /// <summary>Reads the definitions of all contact properties.</summary>
    public Task<HubSpotAnswer<PropertyList>> ListPropertiesAsync(CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.ListProperties, "", default, Reading(HubSpotJson.Default.PropertyList), cancellationToken);

    /// <summary>Calls one of the consent endpoints of version 4 that take many addresses in the body.</summary>
    public Task<HubSpotAnswer<ConsentBatch>> ConsentAsync(VendorEndpoint endpoint, ReadOnlyMemory<byte> body, CallClearance clearance, CancellationToken cancellationToken)
        => SendAsync(endpoint, QueryOf(endpoint), body, ConsentBatch.Parse, cancellationToken, clearance: clearance);

    /// <summary>Subscribes one address to a subscription type, or unsubscribes it. Version 3 takes the address in the body.</summary>
    public Task<HubSpotAnswer<NoContent>> ChangeSubscriptionAsync(bool subscribe, ReadOnlyMemory<byte> body, CallClearance clearance, CancellationToken cancellationToken)
        => SendAsync(subscribe ? HubSpotApiVersion.Subscribe : HubSpotApiVersion.Unsubscribe, "", body, NoContent.Parse, cancellationToken, clearance: clearance);

    /// <summary>Opts one address out of everything. HubSpot takes it in the path only.</summary>
    public Task<HubSpotAnswer<ConsentBatch>> OptOutAsync(string email, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.OptOut, "?channel=EMAIL&verbose=true", default, ConsentBatch.Parse, cancellationToken, email);

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

    private async Task<HubSpotAnswer<T>> SendAsync<T>(
        VendorEndpoint endpoint, string query, ReadOnlyMemory<byte> body, Parser<T> parse, CancellationToken cancellationToken, string? segment = null, CallClearance? clearance = null)
        where T : class
    {
        using var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), new Uri(_baseUrl + PathOf(endpoint, segment) + query));
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.UserAgent.Add(Product);
        if (!body.IsEmpty)
        {
            request.Content = new ReadOnlyMemoryContent(body);
            request.Content.Headers.ContentType = Json;
        }

        using var permit = await _gate.EnterAsync(endpoint, cancellationToken);
        if (permit.Refusal is { } refusal)
        {
            return new(null, HubSpotFailure.Refused(refusal));
        }

        if (clearance is not null && !await clearance.IsGivenAsync(cancellationToken))
        {
            permit.NotCounted();
            return new(null, HubSpotFailure.NotCleared);
        }

        using var deadline = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var response = await _http.SendAsync(request, either.Token);
            using var answer = await PooledBody.ReadAsync(response.Content, either.Token);
            if (HubSpotAuthHandler.WasNotSent(request))
            {
                permit.NotCounted();
            }

            _quota.Report(permit, response.Headers);
            if (response.IsSuccessStatusCode)
            {
                return new(parse(answer.Bytes.Span), null);
            }

            var failure = new HubSpotFailure((int)response.StatusCode, HubSpotError.Parse(answer.Bytes), RetryAfter(response.Headers.RetryAfter));
            _quota.Report(permit, endpoint, failure);
            return new(null, failure);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(null, HubSpotFailure.Timeout);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new(null, HubSpotFailure.Connection);
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

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
        => header?.Delta ?? (header?.Date is { } date && date - _time.GetUtcNow() is { Ticks: > 0 } left ? left : null);
}
