using System.Globalization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;

namespace IntegrationHub.Hub.Explain;

/// <summary>What policy lets leave for a destination. Pure.</summary>
internal static class ExplainedPolicy
{
    /// <summary>What may leave, attribute by attribute. What stays keeps nobody from being sent, so it is never the no.</summary>
    public static StepJson Of(Destination destination)
    {
        var ours = destination.WrittenFields.Where(field => field.Owner == FieldOwner.Hub).ToList();
        var decided = ours.SelectMany(field => field.Sources).Select(source => (From: source, Decision: destination.FieldPolicy.Decide(source))).DistinctBy(one => one.From).ToList();
        var (kept, withheld) = (decided.Count(one => one.Decision.Handling == FieldHandling.Drop), decided.Where(one => one.Decision.IsWithheld).Select(one => one.From).ToList());
        var others = destination.WrittenFields.Count - ours.Count;
        return new StepJson(
            ExplainWord.Policy, ExplainWord.Yes,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{decided.Count - kept} attributes may leave for {string.Join(", ", destination.Purposes)}{(kept == 0 ? "" : $", {kept} stay here")}{(others == 0 ? "" : $", {others} fields are the vendor's and left alone")}."))
        {
            Fix = withheld.Count == 0 ? null : $"Nobody decided about {string.Join(", ", withheld)}: write send, hash or drop for each under destinations: {destination.Name} of policy.yaml.",
            Inputs = [.. decided.Select(one => new InputJson(one.From, $"{ExplainedFields.Word(one.Decision.Handling)} ({one.Decision.Code}, {ExplainedFields.Word(one.Decision.Classification)}{(one.Decision.Purpose is { } purpose ? $", {purpose}" : "")})"))],
        };
    }
}
