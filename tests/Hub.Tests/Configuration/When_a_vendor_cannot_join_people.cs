using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using Microsoft.Extensions.Configuration;

namespace Hub.Tests.Configuration;

/// <summary>What a connector cannot do is refused where it is asked for, and not found out by a delivery.</summary>
public sealed class When_a_vendor_cannot_join_people
{
    [TestCase("on_merge: merge", "on_merge: retire")]
    [TestCase("on_delete: delete", "on_delete: retire")]
    public void Should_be_refused_with_what_to_write_instead(string asked, string fix)
    {
        using var fixture = new ConfigurationFixture();
        fixture.Replace("destinations/braze.yaml", "mapping: braze", $"mapping: braze\n{asked}");
        Assert.That(fixture.Load().Errors, Is.Empty, "this connector can");
        var less = ConfigurationFixture.Connectors.Select(connector => new Less(connector)).ToList();
        var error = new ConfigurationLoader(less, new ConfigurationBuilder().Build().GetSection("Hub"), _ => null).Load(fixture.Folder).Errors.Single();
        Assert.That((error.File, error.Line), Is.EqualTo(("destinations/braze.yaml", fixture.LineOf("destinations/braze.yaml", asked))));
        Assert.That(error.Fix, Does.Contain(fix));
    }

    private sealed class Less(IConnectorFactory inner) : IConnectorFactory
    {
        public ConnectorDescriptor Descriptor { get; } = inner.Descriptor with
        {
            Operations = inner.Descriptor.Operations.Where(entry => entry.Key is not (Operation.MergeProfiles or Operation.DeleteProfile)).ToDictionary(),
        };

        public IReadOnlyList<SettingError> Validate(DestinationSettings settings) => inner.Validate(settings);

        public ConnectorBehind Create(ConnectorContext context) => inner.Create(context);
    }
}
