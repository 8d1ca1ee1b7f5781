namespace Connectors.Tests.Conformance;

/// <summary>A check that a connector need not pass.</summary>
/// <param name="Connector">Name of the connector.</param>
/// <param name="Check">Name of the check's method.</param>
/// <param name="Failure">What the check's failure says; it may fail for nothing else.</param>
/// <param name="Reason">Why, with the vendor's page or the issue.</param>
internal sealed record Waiver(string Connector, string Check, string Failure, string Reason);

internal static class Waivers
{
    /// <summary>A waived check runs all the same: when it passes, the waiver is stale and fails, and when it fails for another reason, it fails.</summary>
    public static IReadOnlyList<Waiver> All { get; } =
    [
        new(
            "marketo", "Should_match_answers_by_key_and_not_by_position", "A refused record is not delivered.",
            "An upserted lead is answered with its id only, and a skipped one without: the order of the input is the only link "
            + "(https://github.com/AdobeDocs/marketo-developer.en/blob/main/help/rest-api/leads.md). Another number of answers makes all of them count as unmentioned."),
        new(
            "marketo", "Should_have_a_rate_limit_for_every_endpoint", "/identity/oauth/token",
            "Calls of the identity endpoint are not counted, so they pass no gate (https://github.com/AdobeDocs/marketo-developer.en/blob/main/help/rest-api/authentication.md). "
            + "That every other call does is shown by the checks of the gate."),
    ];

    public static Waiver? Find(string connector, string check) => All.FirstOrDefault(waiver => waiver.Connector == connector && waiver.Check == check);
}
