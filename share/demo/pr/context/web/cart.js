// Shows the cart and keeps it up to date.
import { formatPrice } from "./format.js";

export function showCart(cart, box) {
  box.textContent = "";
  for (const item of cart.items) {
    const row = document.createElement("li");
    row.innerHTML = `<b>${item.name}</b>: ${formatPrice(item.price)}`;
    box.append(row);
  }
}

export async function refresh(box) {
<<<<<<< HEAD
  const answer = await fetch("/api/cart");
=======
  const answer = await fetch("/api/v2/cart");
>>>>>>> cart-v2
  debugger;
  showCart(await answer.json(), box);
}
