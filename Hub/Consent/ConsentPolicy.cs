using System.Buffers;
using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Consent;

/// <summary>What granted, denied and unknown consent decide, per purpose. Fails closed: without a rule nothing is sent.</summary>
/// <param name="written">The rules as they are written.</param>
internal sealed class ConsentPolicy(ConsentRules written)
{
    private readonly Dictionary<string, PurposeTable> _compiled = written.Purposes.ToDictionary(static p => p.Name, static p => new PurposeTable(p), StringComparer.Ordinal);
    private readonly bool _asksForPlace = written.Gpc?.Places is not null || written.Purposes.Any(static purpose => purpose.Rules.Any(static rule => rule.Places is not null));
    private readonly PlaceSet _gpcPlaces = new(written.Gpc?.Places);

    /// <summary>True when grants end by a rule.</summary>
    public bool GrantsEnd { get; } = written.Purposes.Any(static purpose => purpose.Rules.Any(static rule => rule.Expires is not null));

    /// <summary>Decides for one person and one destination. The first purpose that forbids decides.</summary>
    /// <param name="destinationPurposes">The purposes that the destination needs; all must allow.</param>
    /// <param name="consentJson">
    /// Consent states as kept with the profile (<see cref="StoredConsent"/>). A purpose that is not named is unknown; a status that is not known counts as denied.
    /// </param>
    /// <param name="now">The time to decide for: a grant may have ended by then.</param>
    public ConsentDecision Decide(IReadOnlyList<string> destinationPurposes, string consentJson, DateTimeOffset now)
    {
        var decision = new ConsentDecision(false, null, null, ConsentCode.NoRule);
        var states = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(consentJson.Length));
        try
        {
            ReadOnlySpan<byte> json = states.AsSpan(0, Encoding.UTF8.GetBytes(consentJson, states));
            if (FindSuppression(destinationPurposes, StoredConsent.FindSuppressions(json)) is { } suppressed)
            {
                return suppressed;
            }

            var place = _asksForPlace ? Place.Of(StoredConsent.PlaceOf(json)) : default;
            DateTimeOffset? validUntil = null;
            for (var i = 0; i < destinationPurposes.Count; i++)
            {
                decision = Decide(destinationPurposes[i], json, place, now);
                if (!decision.Allowed)
                {
                    return decision;
                }

                validUntil = validUntil is null || decision.ValidUntil < validUntil ? decision.ValidUntil : validUntil;
            }

            return decision with { ValidUntil = validUntil };
        }
        catch (JsonException)
        {
            return new ConsentDecision(false, null, null, ConsentCode.Unreadable);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(states);
        }
    }

    private ConsentDecision? FindSuppression(IReadOnlyList<string> purposes, IReadOnlyList<string> reasons)
    {
        foreach (var reason in reasons)
        {
            if (purposes.FirstOrDefault(purpose => Suppression.Concerns(reason, _compiled.GetValueOrDefault(purpose)?.Channel)) is { } purpose)
            {
                return new ConsentDecision(false, purpose, reason, reason == Suppression.Erased ? ConsentCode.Erased : ConsentCode.Suppressed);
            }
        }

        return null;
    }

    private ConsentDecision Decide(string purpose, ReadOnlySpan<byte> states, in Place place, DateTimeOffset now)
    {
        if (!_compiled.TryGetValue(purpose, out var table))
        {
            return new ConsentDecision(false, purpose, null, ConsentCode.NoRule);
        }

        var decided = StoredConsent.Find(states, table.Name);
        return IsDeniedBySignal(purpose, states, place, decided)
            ? new ConsentDecision(false, purpose, ConsentSignalWord.GpcSource, ConsentCode.Signal)
            : table.Decide(decided, place, now);
    }

    /// <summary>As long as it is not known where the person lives, a signal counts as if it were there.</summary>
    private bool IsDeniedBySignal(string purpose, ReadOnlySpan<byte> states, in Place place, StoredDecision? decided) =>
        written.Gpc is { } gpc && gpc.Denies.Contains(purpose) && _gpcPlaces.Fit(place) != PlaceFit.Never
        && StoredConsent.Find(states, Gpc) is { Status: DecidedStatus.Denied } signal
        && !(gpc.IsOverridable && decided is { Status: DecidedStatus.Granted } && decided.Value.DecidedAt > signal.DecidedAt);

    private static ReadOnlySpan<byte> Gpc => "signal:gpc"u8;
}

/// <summary>The reason codes of a consent decision.</summary>
internal static class ConsentCode
{
    /// <summary>The person denied or withdrew, or a rule forbids although the person granted.</summary>
    public const string Denied = "consent_denied";

    /// <summary>The person had denied it when the event was collected, whatever they decided since.</summary>
    public const string AtCollection = "consent_at_collection";

    /// <summary>Nothing is known of the person's will and the policy does not allow without.</summary>
    public const string Unknown = "consent_unknown";

    /// <summary>The person agreed, and that has ended by itself.</summary>
    public const string Expired = "consent_expired";

    /// <summary>The person agreed, as somebody says, and nothing shows it where the rule needs that.</summary>
    public const string Unproven = "consent_unproven";

    /// <summary>There is a reason to leave the person alone whatever they agreed to; the rule is its name.</summary>
    public const string Suppressed = "suppressed";

    /// <summary>The person was erased.</summary>
    public const string Erased = "erased";

    /// <summary>Nobody can tell whose the key is that was asked for.</summary>
    public const string Contested = "identity_contested";

    /// <summary>The Global Privacy Control of the person's browser denies it where they live.</summary>
    public const string Signal = "signal_gpc";

    /// <summary>The policy has no rule for the purpose or the state.</summary>
    public const string NoRule = "no_rule";

    /// <summary>What is kept of the person's consent cannot be read.</summary>
    public const string Unreadable = "consent_unreadable";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Denied, AtCollection, Unknown, Expired, Unproven, Suppressed, Erased, Contested, Signal, NoRule, Unreadable];
}
