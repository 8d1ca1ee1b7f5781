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
    private static readonly MediaTypeHeaderValue Json = new("application/json") { CharSet = "utf-8" };

    private readonly HttpMessageInvoker _http;
    private readonly string _baseUrl;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    public HubSpotClient(HubSpotOptions options, ConnectorContext context)
    {
        _http = new HttpMessageInvoker(new HubSpotAuthHandler(options, context.Transport), disposeHandler: false);
        _baseUrl = options.Settings.BaseUrl.AbsoluteUri.TrimEnd('/');
        _timeout = context.CallTimeout;
        _time = context.Time;
    }

    /// <summary>Creates or updates contacts, found by <paramref name="idProperty"/>.</summary>
    public Task<HubSpotAnswer<ContactBatch>> UpsertAsync(string idProperty, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.UpsertContacts, "", body, bytes => ContactBatch.Parse(bytes, idProperty, withProperties: false), cancellationToken);

    /// <summary>Updates contacts by record id.</summary>
    public Task<HubSpotAnswer<ContactBatch>> UpdateAsync(string idProperty, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.UpdateContacts, "", body, bytes => ContactBatch.Parse(bytes, idProperty, withProperties: false), cancellationToken);

    /// <summary>Reads contacts with their key and e-mail.</summary>
    public Task<HubSpotAnswer<ContactBatch>> ReadAsync(string idProperty, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.ReadContacts, "?archived=false", body, bytes => ContactBatch.Parse(bytes, idProperty, withProperties: true), cancellationToken);

    /// <summary>Adds contacts to a list, or removes them from it.</summary>
    public Task<HubSpotAnswer<MembershipChange>> ChangeMembersAsync(bool add, string listId, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => SendAsync(add ? HubSpotApiVersion.AddMembers : HubSpotApiVersion.RemoveMembers, "", body, MembershipChange.Parse, cancellationToken, listId);

    /// <summary>Reads a page of a list's members.</summary>
    public Task<HubSpotAnswer<MemberPage>> ListMembersAsync(string listId, string? after, CancellationToken cancellationToken)
    {
        var query = $"?limit={HubSpotDescriptor.MembersPerPage}" + (after is null ? "" : $"&after={Uri.EscapeDataString(after)}");
        return SendAsync(HubSpotApiVersion.ListMembers, query, default, Reading(HubSpotJson.Default.MemberPage), cancellationToken, listId);
    }

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

    /// <summary>Reads the definition of a contact property.</summary>
    public Task<HubSpotAnswer<PropertyDefinition>> GetPropertyAsync(string property, CancellationToken cancellationToken)
        => SendAsync(HubSpotApiVersion.GetProperty, "", default, Reading(HubSpotJson.Default.PropertyDefinition), cancellationToken, property);

    private delegate T Parser<out T>(ReadOnlySpan<byte> body);

    private static Parser<T> Reading<T>(JsonTypeInfo<T> type)
        => body => JsonSerializer.Deserialize(body, type) ?? throw new JsonException("The answer is null.");

    private async Task<HubSpotAnswer<T>> SendAsync<T>(
        VendorEndpoint endpoint, string query, ReadOnlyMemory<byte> body, Parser<T> parse, CancellationToken cancellationToken, string? segment = null)
        where T : class
    {
        using var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), new Uri(_baseUrl + PathOf(endpoint, segment) + query));
        request.Headers.Accept.ParseAdd("application/json");
        if (!body.IsEmpty)
        {
            request.Content = new ReadOnlyMemoryContent(body);
            request.Content.Headers.ContentType = Json;
        }

        using var deadline = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var response = await _http.SendAsync(request, either.Token);
            using var answer = await PooledBody.ReadAsync(response.Content, either.Token);
            return response.IsSuccessStatusCode
                ? new(parse(answer.Bytes.Span), null)
                : new(null, new HubSpotFailure((int)response.StatusCode, HubSpotError.Parse(answer.Bytes), RetryAfter(response.Headers.RetryAfter)));
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

    /// <summary>A whole body in rented memory.</summary>
    private readonly struct PooledBody : IDisposable
    {
        private readonly byte[] _rented;

        private PooledBody(byte[] rented, int length)
        {
            _rented = rented;
            Bytes = rented.AsMemory(0, length);
        }

        public ReadOnlyMemory<byte> Bytes { get; }

        public static async Task<PooledBody> ReadAsync(HttpContent content, CancellationToken cancellationToken)
        {
            await using var stream = await content.ReadAsStreamAsync(cancellationToken);
            var expected = content.Headers.ContentLength is > 0 and < int.MaxValue / 2 ? (int)content.Headers.ContentLength : 16_384;
            var buffer = ArrayPool<byte>.Shared.Rent(expected + 1);
            var length = 0;
            try
            {
                while (await stream.ReadAsync(buffer.AsMemory(length), cancellationToken) is var read and > 0)
                {
                    length += read;
                    if (length == buffer.Length)
                    {
                        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                        buffer.AsSpan(0, length).CopyTo(larger);
                        ArrayPool<byte>.Shared.Return(buffer);
                        buffer = larger;
                    }
                }

                return new PooledBody(buffer, length);
            }
            catch
            {
                ArrayPool<byte>.Shared.Return(buffer);
                throw;
            }
        }

        public void Dispose() => ArrayPool<byte>.Shared.Return(_rented);
    }
}

/// <summary>A parsed answer or why there is none; exactly one is set.</summary>
internal readonly record struct HubSpotAnswer<T>(T? Body, HubSpotFailure? Failure)
    where T : class;

/// <summary>A call that brought no usable answer.</summary>
/// <param name="Status">HTTP status, or one of the negative ones below.</param>
/// <param name="Error">What the body said.</param>
/// <param name="RetryAfter">What the header asked, or null.</param>
internal sealed record HubSpotFailure(int Status, HubSpotError Error, TimeSpan? RetryAfter)
{
    public const int NoAnswer = -1;
    public const int NoConnection = -2;
    public const int Unreadable = -3;

    public static HubSpotFailure Timeout { get; } = new(NoAnswer, new HubSpotError(), null);

    public static HubSpotFailure Connection { get; } = new(NoConnection, new HubSpotError(), null);

    public static HubSpotFailure Malformed { get; } = new(Unreadable, new HubSpotError(), null);
}
