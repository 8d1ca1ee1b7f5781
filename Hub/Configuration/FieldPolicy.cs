namespace IntegrationHub.Hub.Configuration;

/// <summary>
/// What of a person may leave for one destination. A destination serves all its purposes with what it has, so an attribute leaves only as far as every one of
/// them lets it: not sending is stricter than hashing, and what no line decides stays here. Nor does anything leave that only comes in from there. Pure.
/// </summary>
internal sealed class FieldPolicy
{
    private readonly Func<string, FieldClassification> _classify;
    private readonly IReadOnlyList<string> _purposes;
    private readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, FieldHandling>>? _lines;
    private readonly Func<string, bool> _onlyComesIn;

    private FieldPolicy(Func<string, FieldClassification> classify, IReadOnlyList<string> purposes, IReadOnlyDictionary<string, IReadOnlyDictionary<string, FieldHandling>>? lines, Func<string, bool>? onlyComesIn = null) =>
        (_classify, _purposes, _lines, _onlyComesIn) = (classify, purposes, lines, onlyComesIn ?? (static _ => false));

    /// <summary>Of a mapping alone, where nobody wrote a policy: what it names leaves.</summary>
    public static FieldPolicy OfMappingAlone { get; } = new(static _ => FieldClassification.Personal, [], null);

    /// <summary>The policy of a destination.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="destination">The destination.</param>
    public static FieldPolicy For(HubConfiguration configuration, DestinationConfiguration destination)
    {
        var nothing = new Dictionary<string, IReadOnlyDictionary<string, FieldHandling>>();
        return new FieldPolicy(
            Classifications.Of(configuration).Of,
            destination.Purposes,
            configuration.Policy is not { } policy ? null : policy.Destinations.GetValueOrDefault(destination.Name) ?? nothing,
            configuration.Ownership is { } ownership ? attribute => ownership.OnlyComesInFrom(destination.Name, attribute) : null);
    }

    /// <summary>What becomes of a field: what the strictest of its sources lets it.</summary>
    public FieldDecision Decide(FieldMapping field)
    {
        FieldDecision[] decisions = [.. field.Sources.Concat(field.Reads.Where(_onlyComesIn)).Select(Decide)];
        return decisions.Length == 0
            ? new FieldDecision(FieldHandling.Send, PolicyCode.Constant, FieldClassification.Public, null)
            : decisions.MaxBy(static decision => (decision.IsWithheld, decision.Handling))! with { Classification = decisions.Max(static decision => decision.Classification) };
    }

    /// <summary>What becomes of an attribute.</summary>
    public FieldDecision Decide(string attribute) =>
        _onlyComesIn(attribute) ? new FieldDecision(FieldHandling.Drop, PolicyCode.OnlyComesIn, _classify(attribute), null) : DecideByLines(attribute);

    private FieldDecision DecideByLines(string attribute)
    {
        var classification = _classify(attribute);
        if (_lines is null)
        {
            return new FieldDecision(FieldHandling.Send, PolicyCode.Mapped, classification, null);
        }

        FieldDecision? strictest = null;
        foreach (var purpose in _purposes)
        {
            var decision = Decide(attribute, classification, purpose);
            if (decision.IsWithheld)
            {
                return decision;
            }

            strictest = strictest is null || decision.Handling > strictest.Handling ? decision : strictest;
        }

        return strictest ?? new FieldDecision(FieldHandling.Drop, PolicyCode.NotNamed, classification, null);
    }

    /// <summary>
    /// What becomes of a property of an event, which the destination's file names one by one: that is its line, unless the property is called like an attribute that is
    /// sensitive or has a line of its own.
    /// </summary>
    public FieldDecision DecideProperty(string property)
    {
        var decision = DecideByLines(property);
        return decision.Code is PolicyCode.NotNamed or PolicyCode.Others ? new FieldDecision(FieldHandling.Send, PolicyCode.Mapped, decision.Classification, null) : decision;
    }

    private FieldDecision Decide(string attribute, FieldClassification classification, string purpose)
    {
        var lines = _lines!.GetValueOrDefault(purpose);
        if (lines?.TryGetValue(attribute, out var own) == true)
        {
            return new FieldDecision(own, PolicyCode.Line, classification, purpose);
        }

        if (classification == FieldClassification.Sensitive)
        {
            return new FieldDecision(FieldHandling.Drop, PolicyCode.Sensitive, classification, purpose);
        }

        return lines?.TryGetValue(PolicyRules.Others, out var others) == true
            ? new FieldDecision(others, PolicyCode.Others, classification, purpose)
            : new FieldDecision(FieldHandling.Drop, PolicyCode.NotNamed, classification, purpose);
    }
}
