using System.Collections.Frozen;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>Why something stands still, and what to do: the same wherever it is shown. Nothing personal.</summary>
/// <param name="Code">One of <see cref="DiagnosisCode"/>.</param>
/// <param name="Sentence">What is waited for and what to do.</param>
internal sealed record Verdict(string Code, string Sentence)
{
    /// <summary><c>run</c>, <c>backfill</c>, <c>rollback</c>, <c>erasure</c>, <c>letter_action</c>, <c>approval</c>, <c>backlog</c>, <c>route</c>, <c>audience</c>, <c>canary</c>, <c>interface</c>, <c>fields</c>, <c>schedule</c> or <c>hub</c>.</summary>
    public string Kind { get; init; } = "run";

    /// <summary>Id of the run or approval, number of the action, name of the lane, backlog, route, audience, canary, schedule or hub; of an interface the word that ends it.</summary>
    public string Subject { get; init; } = "";

    /// <summary>The destination, or null.</summary>
    public string? Destination { get; init; }

    /// <summary>The lane, or null.</summary>
    public string? Lane { get; init; }

    /// <summary>Since when; null when nobody knows.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>When it is tried or looked at again, or over by itself; an approval lapses then. Null when nobody knows.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The facts of the sentence by their names, for whoever makes a sentence of their own; empty when there are none beside the other members.</summary>
    public IReadOnlyDictionary<string, string> Args { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>How long until what it warns of happens, negative afterwards; null where nobody knows, or nothing is warned of.</summary>
    public TimeSpan? Left { get; init; }

    /// <summary>What it rests on.</summary>
    public IReadOnlyList<string> Evidence { get; init; } = [];

    /// <summary>The command that is safe to give first; null when nothing is to be done.</summary>
    public string? Action { get; init; }

    /// <summary>Records that wait; 0 when none, or nobody counted.</summary>
    public long Records { get; init; }

    /// <summary>True when more wait than <see cref="Records"/>, which were counted.</summary>
    public bool AreMore { get; init; }

    /// <summary>Name of the runbook below <c>Hub/Docs/runbooks</c>.</summary>
    public string Runbook => DiagnosisCode.Runbooks[Code];
}
