using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Calls;
using IntegrationHub.Connectors.Abstractions.Notices;
using IntegrationHub.Connectors.Marketo.Wire;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>
/// Puts the access token on every call. One token per destination, fetched once however many calls need it. The vendor hands out the
/// same token with what is left of its life until it expires, so <c>expires_in</c> is believed however small. A call refused with 601
/// or 602 is repeated once with a fresh token; the second refusal goes to the caller. When no token can be had, the call is not made, and
/// answers as the identity endpoint did.
/// </summary>
internal sealed partial class MarketoAuthHandler(ConnectorContext context) : DelegatingHandler
{
    private const string Unauthorized = "http_401";
    private const int AnswerLimit = 32 * 1024 * 1024;
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(60);

    private readonly Uri _tokenUri = MarketoApiVersion.At(context.Settings.BaseUrl, MarketoApiVersion.Token.Path);
    private readonly ILogger _log = context.Loggers.CreateLogger<MarketoAuthHandler>();
    private readonly Lock _gate = new();
    private Token? _current;
    private Task<Token>? _fetch;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var token = await TokenAsync(cancellationToken);
        if (token.Missing is { } missing)
        {
            return NotSent(request, missing);
        }

        var response = await SendAsync(request, token, cancellationToken);
        if (!await IsRefusedTokenAsync(response, cancellationToken))
        {
            return response;
        }

        Drop(token);
        response.Dispose();
        token = await TokenAsync(cancellationToken);
        return token.Missing is { } gone ? NotSent(request, gone) : await SendAsync(request, token, cancellationToken);
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Token token, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);
        return base.SendAsync(request, cancellationToken);
    }

    private static HttpResponseMessage NotSent(HttpRequestMessage request, MissingToken missing)
    {
        request.Options.Set(VendorCall.WasNotSent, true);
        request.Options.Set(VendorCall.NotSentBecause, missing.Code);
        var answer = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter = missing.RetryAfter;
        return answer;
    }

    private static async Task<bool> IsRefusedTokenAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return false;
        }

        await response.Content.LoadIntoBufferAsync(AnswerLimit, cancellationToken);
        var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (body.Length > 2048)
        {
            return false;
        }

        var refused = MarketoAnswer.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken)).Failure;
        return refused is MarketoOutcomes.TokenInvalid or MarketoOutcomes.TokenExpired;
    }

    private Task<Token> TokenAsync(CancellationToken cancellationToken)
    {
        Task<Token> fetch;
        lock (_gate)
        {
            if (_current is { } token && context.Time.GetUtcNow() < token.RefreshAt)
            {
                return Task.FromResult(token);
            }

            fetch = _fetch ??= Task.Run(FetchAsync, CancellationToken.None);
        }

        return fetch.WaitAsync(cancellationToken);
    }

    private void Drop(Token refused)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_current, refused))
            {
                _current = null;
            }
        }
    }

    private async Task<Token> FetchAsync()
    {
        var fetched = await AskAsync();
        Log.TokenFetched(_log, context.Settings.Name, fetched.Missing?.Code ?? "fetched", fetched.SecondsLeft);
        lock (_gate)
        {
            _fetch = null;
            if (fetched.Value is not null)
            {
                return _current = fetched;
            }

            return _current is { } old && context.Time.GetUtcNow() < old.ExpiresAt ? old : fetched;
        }
    }

    private async Task<Token> AskAsync()
    {
        var asked = context.Time.GetUtcNow();
        try
        {
            if (Secret(MarketoOptions.ClientId) is not { } id || Secret(MarketoOptions.ClientSecret) is not { } secret)
            {
                return Token.None(Unauthorized);
            }

            using var limit = new CancellationTokenSource(context.CallTimeout, context.Time);
            using var request = new HttpRequestMessage(HttpMethod.Post, _tokenUri)
            {
                Content = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", id), new("client_secret", secret)]),
            };
            using var response = await base.SendAsync(request, limit.Token);
            NoticeHeaders.Tell(context.Notices, MarketoApiVersion.Token, _tokenUri, response.Headers);
            return response.StatusCode == HttpStatusCode.OK
                ? Read(await response.Content.ReadAsByteArrayAsync(limit.Token), asked)
                : Token.None($"http_{(int)response.StatusCode}", response.Headers.RetryAfter);
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            return Token.None(TransportTrouble.NameOf(e));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return Token.None(MarketoOutcomes.TokenUnreadable);
        }
    }

    private static Token Read(byte[] body, DateTimeOffset asked)
    {
        using var json = JsonDocument.Parse(body);
        if (json.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String)
        {
            // An OAuth refusal is one whatever the status that it comes with.
            return Token.None(Unauthorized);
        }

        var value = json.RootElement.GetProperty("access_token").GetString() ?? throw new JsonException();
        var life = TimeSpan.FromSeconds(Math.Max(0, json.RootElement.GetProperty("expires_in").GetDouble()));
        // Near its end the vendor only repeats the token with the rest of its life, so ask again at half of that instead of on every call.
        var use = life > 2 * Margin ? life - Margin : life / 2;
        return new(value, null, asked + use, asked + life, (int)life.TotalSeconds);
    }

    private string? Secret(string name) => context.Settings.Secrets.GetValueOrDefault(name)?.Invoke() is { Length: > 0 } value ? value : null;

    /// <summary>Why there is no token.</summary>
    private sealed record MissingToken(string Code, RetryConditionHeaderValue? RetryAfter);

    /// <summary>A token, or why there is none.</summary>
    private sealed class Token(string? value, MissingToken? missing, DateTimeOffset refreshAt, DateTimeOffset expiresAt, int secondsLeft)
    {
        public string? Value => value;

        public MissingToken? Missing => missing;

        public DateTimeOffset RefreshAt => refreshAt;

        public DateTimeOffset ExpiresAt => expiresAt;

        public int SecondsLeft => secondsLeft;

        public static Token None(string code, RetryConditionHeaderValue? retryAfter = null) => new(null, new(code, retryAfter), default, default, 0);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Marketo token for {Destination} asked: {Outcome}, {SecondsLeft} s left")]
        public static partial void TokenFetched(ILogger logger, string destination, string outcome, int secondsLeft);
    }
}
