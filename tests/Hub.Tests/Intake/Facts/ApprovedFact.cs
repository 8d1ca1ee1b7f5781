using System.Text.Json.Nodes;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Tests.Docs;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>The filled sample of every canonical fact as it was approved to travel, and its schema.</summary>
internal static class ApprovedFact
{
    /// <summary>All canonical facts.</summary>
    public static IEnumerable<Type> Contracts { get; } = typeof(ICanonicalEvent).Assembly.GetExportedTypes()
        .Where(type => type.IsClass && typeof(ICanonicalEvent).IsAssignableFrom(type)).OrderBy(type => type.Name, StringComparer.Ordinal).ToList();

    /// <summary>The sample.</summary>
    public static JsonObject Of(Type contract)
    {
        var fact = JsonNode.Parse(File.ReadAllText(Path.Combine(Runbook.Folder, "..", "..", "..", "tests", "Contracts.Tests", "Wire", "Approved", $"{contract.Name}.approved.json")))!["message"]!.DeepClone().AsObject();
        if (contract == typeof(ProfileMerged))
        {
            fact["payload"]!["merged"]!["external_id"] = "gone-1"; // The sample is filled without sense: there it is the subject's own.
        }

        return fact;
    }

    /// <summary>The sample as a fact of its own.</summary>
    public static JsonObject Of(Type contract, string producer, string person)
    {
        var fact = Of(contract);
        fact["event_id"] = Guid.NewGuid().ToString();
        fact["producer"] = producer;
        fact["tenant_id"] = "default";
        fact["subject"] = new JsonObject { ["external_id"] = person, ["account_id"] = "a-1" };
        if (contract == typeof(ConsentUpdated))
        {
            fact["payload"]!["source"] = "preference-center"; // Whose grants count in the samples.
        }

        return fact;
    }

    /// <summary>The schema of the sample.</summary>
    public static JsonObject SchemaOf(Type contract)
    {
        using var stream = contract.Assembly.GetManifestResourceStream($"IntegrationHub.Contracts.Schemas.{TypeOf(contract)}.v1.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    }

    /// <summary>The event type of a contract.</summary>
    public static string TypeOf(Type contract) => (string)contract.GetField("Type")!.GetRawConstantValue()!;
}
