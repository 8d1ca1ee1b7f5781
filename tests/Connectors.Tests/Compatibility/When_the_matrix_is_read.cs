using System.Runtime.CompilerServices;
using Connectors.Tests.Conformance;
using IntegrationHub.Connectors.Abstractions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Tests.Compatibility;

public sealed class When_the_matrix_is_read
{
    [Test]
    public void Should_be_what_the_descriptors_say()
    {
        var received = CompatibilityMatrix.Write(ConnectorFleet.Factories.Values.Select(factory => factory.Descriptor), BulkOf);
        var file = PathOf("COMPATIBILITY.md");
        var written = PathOf("COMPATIBILITY.received.md");
        var approved = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        if (approved == received)
        {
            File.Delete(written);
            return;
        }

        File.WriteAllText(written, received);
        Assert.Fail($"Connectors/COMPATIBILITY.md is not what the descriptors say. If the change is meant, copy {Path.GetFileName(written)} over it.\n{FirstDifference(approved, received)}");
    }

    private static IReadOnlyDictionary<Operation, BulkLimits> BulkOf(ConnectorDescriptor descriptor)
    {
        using var transport = new ScriptedVendor();
        var connected = ConnectorFleet.Factories[descriptor.Name].Create(new ConnectorContext
        {
            Settings = new DestinationSettings { Name = descriptor.Name, BaseUrl = new Uri("https://vendor.example.test"), IdentityKey = descriptor.DefaultIdentityKey },
            Transport = transport,
            Time = TimeProvider.System,
            Loggers = NullLoggerFactory.Instance,
        })(OpenGate.Instance);
        return (connected as IBulkDelivery)?.BulkOperations ?? new Dictionary<Operation, BulkLimits>();
    }

    private static string FirstDifference(string approved, string received)
    {
        var (before, after) = (approved.Split('\n'), received.Split('\n'));
        var line = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"line {line + 1}:\n- {before.ElementAtOrDefault(line)}\n+ {after.ElementAtOrDefault(line)}";
    }

    private static string PathOf(string name, [CallerFilePath] string here = "")
        => Path.Combine(Path.GetDirectoryName(here)!, "../../../Connectors", name);
}
