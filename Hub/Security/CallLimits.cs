using System.Globalization;
using System.Threading.RateLimiting;
using IntegrationHub.Hub.Console.Access;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace IntegrationHub.Hub.Security;

/// <summary>
/// How often somebody may call: reads by caller, strangers and attempts to sign in by address. Doors that take data in bound by themselves how many come in at once. Behind a proxy all strangers have one
/// address: then they share what there is for strangers, and nobody who has a key is among them.
/// </summary>
internal sealed class CallLimits(IOptions<LimitOptions> options) : IDisposable
{
    private const string Nobody = "";
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<string> _strangers = PartitionedRateLimiter.Create<string, string>(address => RateLimitPartition.GetTokenBucketLimiter(address, _ => PerMinute(options.Value.StrangersPerMinute)));

    /// <summary>The limiter of all routes.</summary>
    public PartitionedRateLimiter<HttpContext> Create() => PartitionedRateLimiter.Create<HttpContext, string>(http => Of(http) switch
    {
        (null, _) => RateLimitPartition.GetNoLimiter(Nobody),
        var (whose, calls) => RateLimitPartition.GetTokenBucketLimiter(whose, _ => PerMinute(calls)),
    });

    /// <summary>Counts somebody who is not known, and says how they are refused: as they would be anyway, or with 429 when they come too often.</summary>
    public CallRefusal RefuseStranger(HttpContext http, CallRefusal refusal)
    {
        using var lease = _strangers.AttemptAcquire(AddressOf(http));
        return lease.IsAcquired ? refusal : Refuse(http, lease);
    }

    /// <summary>Answers a call that came too often, in words for people where it is a page.</summary>
    public static Task AnswerAsync(HttpContext http, RateLimitLease lease) => (IsPage(http) ? new RefusedResult(Refuse(http, lease), http.Features.Get<Principal>()) : Refuse(http, lease).ToProblem()).ExecuteAsync(http);

    public void Dispose() => _strangers.Dispose();

    /// <summary>Who is counted, and how many calls they have in a minute; null for whom nobody counts.</summary>
    private (string? Whose, int Calls) Of(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata is not { } route || http.Features.Get<WithinProcess>() is not null || route.GetMetadata<ProvenBySender>() is not null)
        {
            return (null, 0);
        }

        if (route.GetMetadata<SignInAttempt>() is not null)
        {
            return ($"sign-in {AddressOf(http)}", options.Value.SignInsPerMinute);
        }

        if (route.GetMetadata<OpenToStrangers>() is not null)
        {
            return IsPage(http) ? ($"stranger {AddressOf(http)}", options.Value.StrangersPerMinute) : (null, 0);
        }

        return HttpMethods.IsGet(http.Request.Method) && http.Features.Get<Principal>() is { Kind: not PrincipalKind.Local } caller ? ($"reads {caller.Id}", options.Value.ReadsPerMinute) : (null, 0);
    }

    private static CallRefusal Refuse(HttpContext http, RateLimitLease lease)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var until) && until > TimeSpan.Zero ? until : TimeSpan.FromSeconds(1);
        http.Response.Headers[HeaderNames.RetryAfter] = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var isKnown = http.Features.Get<Principal>() is not null && http.GetEndpoint()?.Metadata.GetMetadata<OpenToStrangers>() is null;
        return isKnown
            ? new CallRefusal(StatusCodes.Status429TooManyRequests, "too-many-reads", HeaderNames.Authorization, "You read more often than one caller may (Hub:Limits:ReadsPerMinute). Ask again after the seconds that Retry-After names; ask for larger pages, or less often.")
            : new CallRefusal(StatusCodes.Status429TooManyRequests, "too-many-attempts", HeaderNames.Authorization, "From this address somebody who is not known calls too often (Hub:Limits). Nothing was looked at. Try again after the seconds that Retry-After names.");
    }

    private static bool IsPage(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<ConsolePage>() is not null;

    private static string AddressOf(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? Nobody;

    private static TokenBucketRateLimiterOptions PerMinute(int calls)
    {
        // One token at a time where there are fewer than one a second.
        var perSecond = Math.Max(1, calls / 60);
        return new TokenBucketRateLimiterOptions { TokenLimit = calls, TokensPerPeriod = perSecond, ReplenishmentPeriod = _minute * perSecond / calls, QueueLimit = 0, AutoReplenishment = true };
    }
}
