using System.Text;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Consent;

/// <summary>The rules of a purpose, made ready: which of them may be the first that holds where a person lives, and what each says. Pure.</summary>
internal sealed class PurposeTable
{
    private readonly byte[] _name;
    private readonly Row[] _rows;
    private readonly ConsentDecision _noRule;

    public PurposeTable(ConsentPurpose purpose)
    {
        _name = Encoding.UTF8.GetBytes(purpose.Name);
        Channel = purpose.Channel;
        _noRule = new ConsentDecision(false, purpose.Name, null, ConsentCode.NoRule);
        _rows = purpose.Rules.Count == 0 ? [Row.Of(purpose)] : [.. purpose.Rules.Select(rule => Row.Of(purpose.Name, rule))];
    }

    /// <summary>The purpose, in UTF-8.</summary>
    public ReadOnlySpan<byte> Name => _name;

    /// <summary>Channel that the purpose is about, or null.</summary>
    public string? Channel { get; }

    /// <summary>
    /// Decides by the first rule that holds where the person lives. As long as it is not known where that is, every rule that may be the first is asked, and the
    /// strictest decides.
    /// </summary>
    /// <param name="stored">What is kept of the person's decision; null when nothing is known.</param>
    /// <param name="place">Where the person lives.</param>
    /// <param name="now">The time to decide for.</param>
    public ConsentDecision Decide(StoredDecision? stored, in Place place, DateTimeOffset now)
    {
        foreach (var row in _rows)
        {
            var fit = row.Places.Fit(place);
            if (fit == PlaceFit.Never)
            {
                continue;
            }

            var decision = row.Decide(stored, now);
            if (fit == PlaceFit.Surely || !decision.Allowed)
            {
                return decision;
            }
        }

        return _noRule;
    }

    private sealed class Row
    {
        private Row(IReadOnlyList<string>? places) => Places = new PlaceSet(places);

        public PlaceSet Places { get; }

        private ConsentDecision Granted { get; init; }

        private ConsentDecision Denied { get; init; }

        private ConsentDecision Unknown { get; init; }

        private ConsentDecision Expired { get; init; }

        private ConsentDecision Unproven { get; init; }

        private GrantLife? Life { get; init; }

        private bool NeedsEvidence { get; init; }

        public static Row Of(ConsentPurpose purpose) => new(null)
        {
            Granted = DecisionOf(purpose.Name, purpose.Granted, ConsentCode.Denied),
            Denied = DecisionOf(purpose.Name, purpose.Denied, ConsentCode.Denied),
            Unknown = DecisionOf(purpose.Name, purpose.Unknown, ConsentCode.Unknown),
            Expired = DecisionOf(purpose.Name, purpose.Unknown, ConsentCode.Expired) with { HasEnded = true },
            Unproven = DecisionOf(purpose.Name, purpose.Unknown, ConsentCode.Unproven),
        };

        public static Row Of(string purpose, RegionalRule rule)
        {
            return new Row(rule.Places)
            {
                Granted = Decision(rule.Granted, ConsentCode.Denied),
                Denied = Decision(rule.Denied, ConsentCode.Denied),
                Unknown = Decision(rule.Unknown, ConsentCode.Unknown),
                Expired = Decision(rule.Unknown, ConsentCode.Expired) with { HasEnded = true },
                Unproven = Decision(rule.Unknown, ConsentCode.Unproven),
                Life = rule.Expires,
                NeedsEvidence = rule.NeedsEvidence,
            };

            ConsentDecision Decision(bool allow, string code) =>
                DecisionOf(purpose, new ConsentRule(rule.Name, allow), code) with { Basis = rule.Basis, Region = rule.Region };
        }

        public ConsentDecision Decide(StoredDecision? stored, DateTimeOffset now)
        {
            if (stored is not { } decided)
            {
                return Unknown;
            }

            switch (decided.Status)
            {
                case DecidedStatus.Denied:
                    return Denied;
                case DecidedStatus.Expired:
                    return Expired;
            }

            var end = Earlier(decided.ExpiresAt, Life?.EndFrom(decided.DecidedAt));
            return end <= now ? Expired
                : NeedsEvidence && !decided.HasEvidence ? Unproven
                : Granted with { ValidUntil = end };
        }

        private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;

        private static ConsentDecision DecisionOf(string purpose, ConsentRule? rule, string code) => rule switch
        {
            null => new ConsentDecision(false, purpose, null, ConsentCode.NoRule),
            { Allow: true } => new ConsentDecision(true, purpose, rule.Name, null),
            _ => new ConsentDecision(false, purpose, rule.Name, code),
        };
    }
}
