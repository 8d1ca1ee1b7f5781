using Npgsql;

namespace Architecture.Tests.Rooms;

/// <summary>The rules are only as good as the eye that looks: each way to use a type must be seen.</summary>
public sealed class When_a_use_is_looked_for
{
    [TestCase(typeof(InASignature))]
    [TestCase(typeof(InABody))]
    [TestCase(typeof(AsAGenericArgument))]
    [TestCase(typeof(AsABase))]
    public void Should_see_it(Type offender) => Assert.That(TypeUse.Forbidden([offender], "Npgsql"), Is.Not.Empty);

    [Test]
    public void Should_see_it_in_an_asynchronous_method_and_a_closure() =>
        Assert.That(TypeUse.Forbidden(typeof(Later).GetNestedTypes(System.Reflection.BindingFlags.NonPublic), "Npgsql"), Has.Some.Contains("NpgsqlCommand"));

    [Test]
    public void Should_see_a_single_member() =>
        Assert.That(TypeUse.Forbidden([typeof(InABody)], "System.TimeProvider.get_System"), Is.Not.Empty);

    [Test]
    public void Should_not_see_what_is_not_there() => Assert.That(TypeUse.Forbidden([typeof(InABody)], "MassTransit", "System.Net.Http"), Is.Empty);

    private static class InASignature
    {
        public static void Take(NpgsqlCommand[] commands) => _ = commands;
    }

    private static class InABody
    {
        public static object Make() => (new NpgsqlCommand(), TimeProvider.System);
    }

    private static class AsAGenericArgument
    {
        public static object Make() => new List<NpgsqlCommand>();
    }

    private sealed class AsABase : NpgsqlException;

    private static class Later
    {
        public static async Task<object> MakeAsync()
        {
            await Task.Yield();
            Func<object> make = () => new NpgsqlCommand();
            return make();
        }
    }
}
