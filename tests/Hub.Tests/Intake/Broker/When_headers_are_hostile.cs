using System.Text.Json;
using IntegrationHub.Hub.Intake.Broker;
using IntegrationHub.TestServers;

namespace IntegrationHub.Hub.Tests.Intake.Broker;

/// <summary>What stands beside a message is told to be readable before the client library breaks over it.</summary>
public sealed class When_headers_are_hostile
{
    private const byte A = (byte)'A', D = (byte)'D', F = (byte)'F', S = (byte)'S', V = (byte)'V', Z = (byte)'Z';

    [TestCase(new byte[] { 1, 97, V }, true)]
    [TestCase(new byte[] { 1, 97, D, 28, 0, 0, 0, 1 }, true)]
    [TestCase(new byte[] { 1, 97, D, 29, 0, 0, 0, 1 }, false, Description = "no decimal of .NET has 29 places")]
    [TestCase(new byte[] { 1, 97, Z }, false)]
    [TestCase(new byte[] { 1, 97, S, 0, 0, 0, 9, 120 }, false, Description = "longer than the table")]
    [TestCase(new byte[] { 1, 97, A, 0, 0, 0, 6, F, 0, 0, 0, 0, V }, true)]
    [TestCase(new byte[] { 1, 97, A, 0, 0, 0, 2, D, 200 }, false)]
    [TestCase(new byte[] { 200, 97 }, false)]
    [TestCase(new byte[0], true)]
    public void Should_be_told_which_ones_the_client_reads(byte[] entries, bool isReadable) =>
        Assert.That(HeaderTable.IsReadable([0xE0, 0, 1, 120, 0, 0, 0, 0, (byte)entries.Length, .. entries]), Is.EqualTo(isReadable));

    [TestCase(100, true)]
    [TestCase(130_000, false)]
    public void Should_be_told_when_they_are_nested_deeper_than_anybody_means(int bytes, bool isReadable)
    {
        var entry = BareAmqp.ListsInLists(bytes);
        Assert.That(HeaderTable.IsReadable([0x20, 0, (byte)(bytes >> 24), (byte)(bytes >> 16), (byte)(bytes >> 8), (byte)bytes, .. entry]), Is.EqualTo(isReadable));
    }

    [Test]
    public void Should_read_a_message_without_headers() => Assert.That(HeaderTable.IsReadable([0x80, 0, 1, 120]), Is.True);

    /// <summary>The client library reads nested headers by recursion, and a frame of the broker's usual size holds 26,000 levels.</summary>
    [Test]
    public void Should_find_a_stack_in_the_hub_that_is_deep_enough()
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "IntegrationHub.Hub.runtimeconfig.json")));
        Assert.That(long.Parse(settings.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties").GetProperty("System.Threading.DefaultStackSize").ToString(), System.Globalization.CultureInfo.InvariantCulture), Is.GreaterThanOrEqualTo(32 * 1024 * 1024));
    }
}
